package io.aliquot.cli.topics;

import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.ExitCode;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.stack.KafkaConfigOption;
import io.aliquot.cli.text.Converters;
import io.aliquot.controller.ingest.Replication;
import io.aliquot.controller.ingest.TopicSetup;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.TopicPlan;
import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot topics}: the declared topics, and how a broker's differ. */
@Command(
        name = "topics",
        description = {
            "Show the topics that Aliquot needs on Kafka, and with --kafka what differs there.",
            "",
            "The controller creates what is missing when it starts, sets what nobody chose, and refuses to run on a topic that"
                    + " is wrong. With --create this command does just that, with the replicas of your choice.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot topics",
            "  aliquot topics --kafka kafka.example:9092 && echo as declared",
            "  aliquot topics --kafka kafka.example:9092 --create --replicas 3 --min-in-sync 2",
            "",
            "Exit codes: 0 as declared, 1 something differs, 4 refused or no broker.",
        })
public final class TopicsCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = "Compare with the topics of these brokers, separated by commas.")
    private @Nullable String kafka;

    @Mixin
    private KafkaConfigOption kafkaConfig;

    @Option(names = "--create", description = "Create what is missing, and set what the controller would set.")
    private boolean create;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            converter = Converters.Count.class,
            description = "On how many brokers a created topic is (default: 3, or as many as there are).")
    private @Nullable Integer replicas;

    @Option(
            names = "--min-in-sync",
            paramLabel = "N",
            converter = Converters.Count.class,
            description =
                    "How many of them must have a record before it counts as written: min.insync.replicas (default: 2"
                            + " with 3 replicas or more).")
    private @Nullable Integer minInSync;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: text).")
    private Output output;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        checkOptions();
        if (kafka == null) {
            List<TopicSpec> declared = Topics.all();
            TopicsText.declared(declared, output).forEach(out::println);
            return ExitCode.OK;
        }
        List<TopicPlan> plans = plans(kafka);
        TopicsText.compared(plans, kafka, output).forEach(out::println);
        return plans.stream().allMatch(TopicPlan::ready) ? ExitCode.OK : ExitCode.MISSED;
    }

    private List<TopicPlan> plans(String brokers) throws InterruptedException {
        Replication replication = replication();
        try (TopicSetup setup = TopicSetup.connect(kafkaConfig.access(brokers), PATIENCE)) {
            return create ? setup.prepare(replication) : setup.look();
        } catch (FatalFailure e) {
            throw CommandException.unavailable(String.valueOf(e.getMessage()), e.fix(), e);
        }
    }

    private void checkOptions() {
        if (kafka != null && !KafkaAccess.isAddress(kafka)) {
            throw CommandException.badInput(
                    "--kafka '" + kafka + "' is no address", "give HOST:PORT, several separated by commas");
        }
        if (kafka == null && kafkaConfig.given()) {
            throw CommandException.badInput("--kafka-config without a broker", "give --kafka HOST:PORT");
        }
        if (kafka == null && create) {
            throw CommandException.badInput("--create without a broker", "give --kafka HOST:PORT");
        }
        if (!create && (replicas != null || minInSync != null)) {
            throw CommandException.badInput(
                    "--replicas and --min-in-sync are for topics that are created", "give --create with them");
        }
    }

    private Replication replication() {
        try {
            return new Replication(optional(replicas), optional(minInSync));
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput(String.valueOf(e.getMessage()), "");
        }
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
