package io.aliquot.cli.replay;

import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.ExitCode;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.base.Terminal;
import io.aliquot.cli.stack.KafkaConfigOption;
import io.aliquot.cli.stack.RunFolder;
import io.aliquot.controller.policyfile.PolicyFile;
import io.aliquot.controller.recording.Recording;
import io.aliquot.controller.recording.RecordingFile;
import io.aliquot.controller.recording.RecordingWriter;
import io.aliquot.controller.recording.ReplayTicks;
import io.aliquot.controller.recording.TopicRecording;
import io.aliquot.controller.replay.OtherPolicy;
import io.aliquot.controller.replay.Replay;
import io.aliquot.controller.replay.ReplayReport;
import io.aliquot.controller.replay.Window;
import io.aliquot.controller.replay.Window.Edge;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot replay}: a recording through the code that decided it. */
@Command(
        name = "replay",
        description = {
            "Decide again what a controller decided, from what Kafka recorded or a saved file, and report who got what.",
            "",
            "The recording goes through the very code of the controller. Under the recorded policy each decision must come"
                    + " out the same, byte by byte; one that does not is shown, and the exit code is 1. With --policy the"
                    + " same demand meets another policy file: what tenants used stays what it was, and the shares are what"
                    + " that policy would have given.",
            "",
            "Kafka keeps the last 10 minutes. Decisions can be compared from a controller's start on, so save a file when"
                    + " you want to look at them later.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot replay                                  what was decided here, decided again",
            "  aliquot replay --save monday.replay             the same, and kept",
            "  aliquot replay --file monday.replay --from 30s --to 90s",
            "  aliquot replay --file monday.replay --policy other.json --output csv",
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final String STANDARD_KAFKA = "127.0.0.1:9092";

    @Spec
    private CommandSpec spec;

    @ArgGroup
    private @Nullable Source source;

    /** Where the recording is: one of the two. */
    private static final class Source {
        @Option(
                names = "--kafka",
                paramLabel = "HOST:PORT",
                description = "Read the topics of these brokers (default: the one that `aliquot up` runs here, or "
                        + STANDARD_KAFKA + ").")
        private @Nullable String kafka;

        @Option(names = "--file", paramLabel = "FILE", description = "Read a file that --save made.")
        private @Nullable Path file;
    }

    @Mixin
    private KafkaConfigOption kafkaConfig;

    @Option(
            names = "--from",
            paramLabel = "WHEN",
            converter = Edges.class,
            description = "Report from here on: 90s after the recording's beginning, or 2026-11-22T10:15:00Z. What is"
                    + " before is replayed, too.")
    private @Nullable Edge from;

    @Option(names = "--to", paramLabel = "WHEN", converter = Edges.class, description = "Report up to here.")
    private @Nullable Edge to;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Put this policy file in force at the start, in place of all recorded quotas.")
    private @Nullable Path policy;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Write the whole recording into a new file. It holds what tenants used and were given.")
    private @Nullable Path save;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, json or csv (default: table).",
            converter = FormConverter.class)
    private Form form;

    @Override
    public Integer call() {
        if (!KafkaAccess.isAddress(kafka())) {
            throw CommandException.badInput(
                    "--kafka '" + kafka() + "' is no address", "give HOST:PORT, several separated by commas");
        }
        if (kafkaConfig.given() && source != null && source.file != null) {
            throw CommandException.badInput("--kafka-config has no use with --file", "give one of the two");
        }
        Window window = new Window(from == null ? Window.ALL.from() : from, to == null ? Window.ALL.to() : to);
        Replay replay = policy == null ? Replay.asRecorded(window) : Replay.under(OtherPolicy.of(file(policy)), window);
        ReplayReport report = report(replay);
        PrintWriter out = spec.commandLine().getOut();
        ReportText.of(report, form).forEach(out::println);
        if (form == Form.CSV) {
            ReportText.comparison(report).forEach(spec.commandLine().getErr()::println);
        }
        return report.compared().different() > 0 ? ExitCode.MISSED : ExitCode.OK;
    }

    private ReplayReport report(Replay replay) {
        Path file = source == null ? null : source.file;
        try (Recording recording =
                        file == null ? new TopicRecording(kafkaConfig.access(kafka())) : new RecordingFile(file);
                RecordingWriter writer = save == null ? null : new RecordingWriter(save);
                Progress progress = new Progress(spec.commandLine().getErr(), Terminal.errIsLive())) {
            recording.read((tick, done) -> {
                if (writer != null) {
                    writer.write(tick);
                }
                replay.take(ReplayTicks.of(tick));
                progress.at(done);
            });
            if (writer != null) {
                writer.finish();
            }
            return replay.report();
        } catch (FatalFailure e) {
            String problem = String.valueOf(e.getMessage());
            throw file == null
                    ? CommandException.unavailable(problem, e.fix(), e)
                    : CommandException.badInput(problem, e.fix());
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput(
                    "the recording can't be replayed: " + e.getMessage(), "use the version of Aliquot that made it");
        } catch (KafkaException e) {
            KafkaAccess access = KafkaAccess.open(kafka());
            KafkaRefusal.of(e, access, "--reader USER").ifPresent(refusal -> {
                throw CommandException.unavailable(refusal.problem(), refusal.fix(), e);
            });
            throw CommandException.unavailable(
                    "broker " + kafka() + ": " + e.getMessage(), "start it or name another with --kafka HOST:PORT", e);
        }
    }

    private String kafka() {
        return source != null && source.kafka != null
                ? source.kafka
                : new RunFolder(Places.here().runDir())
                        .read()
                        .map(RunFolder.Up::kafka)
                        .orElse(STANDARD_KAFKA);
    }

    private static PolicyFile file(Path path) {
        try {
            PolicyFile file = PolicyFile.read(Files.readString(path));
            List<String> problems = OtherPolicy.problems(file);
            if (!problems.isEmpty()) {
                throw CommandException.badInput(
                        "policy file " + path + ": " + String.join("; ", problems), "correct the file");
            }
            return file;
        } catch (IOException e) {
            throw CommandException.badInput("policy file " + path + " can't be read: " + e, "name a file of yours");
        }
    }
}
