package io.aliquot.cli.stack;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaConfigException;
import io.aliquot.schema.kafka.KafkaConfigFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --kafka-config}: how a command logs in at the brokers. */
public final class KafkaConfigOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec mixee;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "Kafka's client properties for TLS and login: security.protocol, sasl.*, ssl.* (default: neither).")
    private @Nullable Path file;

    /** Whether a file was named. */
    public boolean given() {
        return file != null;
    }

    /**
     * Reads the file, and warns on standard error when others can read its secrets.
     *
     * @throws CommandException when the file can't be used
     */
    public KafkaAccess access(String bootstrapServers) {
        if (file == null) {
            return KafkaAccess.open(bootstrapServers);
        }
        try {
            KafkaConfigFile config = KafkaConfigFile.read(file);
            config.warnings().forEach(warning -> mixee.commandLine().getErr().println("aliquot: " + warning));
            return new KafkaAccess(bootstrapServers, config.properties());
        } catch (KafkaConfigException e) {
            throw CommandException.badInput(e.problem(), e.fix());
        }
    }
}
