package io.aliquot.cli.poison;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.ExitCode;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.stack.KafkaConfigOption;
import io.aliquot.cli.text.Table;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import io.aliquot.schema.kafka.PoisonReader;
import io.aliquot.schema.v1.PoisonRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot poison}: what controllers and agents could not read and kept aside. */
@Command(
        name = "poison",
        description = {
            "Show the records that controllers and agents could not read, and why.",
            "",
            "Such a record is skipped and changes nothing. Its topic, partition and offset say where it stands; with --save its"
                    + " value is written to a file (the first 64 KiB of it).",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot poison --kafka kafka.example:9092",
            "  aliquot poison --kafka kafka.example:9092 --save /tmp/poison",
            "",
            "Exit codes: 0 nothing was kept, 1 something was, 4 no broker.",
        })
public final class PoisonCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Option(names = "--kafka", paramLabel = "HOST:PORT", required = true, description = "Kafka's addresses.")
    private String kafka;

    @Mixin
    private KafkaConfigOption kafkaConfig;

    @Option(
            names = "--save",
            paramLabel = "FOLDER",
            description = "Write each value to FOLDER/TOPIC-PARTITION-OFFSET.bin.")
    private @Nullable Path save;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: text).")
    private Output output;

    @Override
    public Integer call() {
        if (!KafkaAccess.isAddress(kafka)) {
            throw CommandException.badInput(
                    "--kafka '" + kafka + "' is no address", "give HOST:PORT, several separated by commas");
        }
        List<PoisonRecord> records = read(kafkaConfig.access(kafka));
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            out.println(json(records));
        } else if (records.isEmpty()) {
            out.println("nothing was kept aside at " + kafka);
        } else {
            table(records).lines().forEach(out::println);
        }
        if (save != null) {
            write(records, save);
        }
        return records.isEmpty() ? ExitCode.OK : ExitCode.MISSED;
    }

    private List<PoisonRecord> read(KafkaAccess access) {
        try {
            return PoisonReader.all(access, PATIENCE);
        } catch (KafkaException e) {
            KafkaRefusal refusal = KafkaRefusal.of(e, access, "--reader USER").orElse(null);
            throw refusal == null
                    ? CommandException.unavailable(
                            "what was kept aside can't be read at " + kafka + ": " + e.getMessage(),
                            "check the address, and that a controller has been started there",
                            e)
                    : CommandException.unavailable(refusal.problem(), refusal.fix(), e);
        }
    }

    private static Table table(List<PoisonRecord> records) {
        Table table = new Table("RECORD", "STAMPED", "BYTES", "READER", "REASON");
        for (PoisonRecord record : records) {
            table.row(
                    place(record) + " offset " + record.getOffset(),
                    Instant.ofEpochMilli(record.getTimestampMs()).toString(),
                    record.hasValue() ? Long.toString(record.getValueLength()) : "none",
                    printable(record.getReader()),
                    printable(record.getReason()));
        }
        return table;
    }

    private static String json(List<PoisonRecord> records) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode all = answer.putArray("records");
        for (PoisonRecord record : records) {
            ObjectNode node = all.addObject()
                    .put("topic", record.getTopic())
                    .put("partition", record.getPartition())
                    .put("offset", record.getOffset())
                    .put("timestampMs", record.getTimestampMs())
                    .put("reason", record.getReason())
                    .put("reader", record.getReader())
                    .put("keptAtUnixMs", record.getKeptAtUnixMs())
                    .put("valueLength", record.getValueLength());
            if (record.hasKey()) {
                node.put("keyBase64", record.getKey().toByteArray());
            }
            if (record.hasValue()) {
                node.put("valueBase64", record.getValue().toByteArray());
            }
        }
        return answer.toString();
    }

    private static void write(List<PoisonRecord> records, Path folder) {
        try {
            Files.createDirectories(folder);
            for (PoisonRecord record : records) {
                if (record.hasValue() && record.getTopic().matches("[A-Za-z0-9._-]+")) {
                    Path file = folder.resolve(place(record) + "-" + record.getOffset() + ".bin");
                    Files.write(file, record.getValue().toByteArray());
                }
            }
        } catch (IOException e) {
            throw CommandException.badInput("--save '" + folder + "': " + e, "name a folder that may be written");
        }
    }

    private static String place(PoisonRecord record) {
        return printable(record.getTopic()) + "-" + record.getPartition();
    }

    /** Anybody may have written it: no control characters for a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
