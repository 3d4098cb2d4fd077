package io.aliquot.cli.stack;

import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.text.Converters;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.controller.app.ControllerException;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot controller}: the controller of a cluster, until SIGTERM. */
@Command(
        name = "controller",
        description = {
            "Run a cluster's controller, until Ctrl-C or SIGTERM.",
            "",
            "At its start it creates the topics that are missing on Kafka, sets what nobody chose, and refuses to run on a topic"
                    + " that is wrong; `aliquot topics` shows them.",
            "",
            "Of several, one is active. The others stand by, and one of them takes over within 3 s of its end.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot controller --kafka kafka.example:9092",
            "  aliquot controller --kafka kafka.example:9092 --http-host 0.0.0.0 \\",
            "    --http-tokens /etc/aliquot/tokens --http-cert controller.pem --http-key controller.key",
        })
public final class ControllerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--kafka",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The brokers, separated by commas.")
    private String kafka;

    @Mixin
    private KafkaConfigOption kafkaConfig;

    @Option(
            names = "--holder",
            paramLabel = "NAME",
            description = "Its name as the active controller (default: the machine's name and the process id).")
    private @Nullable String holder;

    @Option(
            names = "--tick",
            paramLabel = "TIME",
            defaultValue = "100ms",
            description = "How often telemetry is turned into targets (default: 100ms).")
    private Duration tick;

    @Option(
            names = "--time-to-live",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "How long agents take a decision as fresh (default: 10s).")
    private Duration timeToLive;

    @Option(
            names = "--http-host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Where the API answers (default: 127.0.0.1). Where other machines reach it, it needs tokens and"
                            + " TLS.")
    private String httpHost;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7070",
            converter = Converters.Port.class,
            description = "The API's port (default: 7070; 0: any free port).")
    private int httpPort;

    @Mixin
    private HttpGuardOptions http;

    @Override
    public Integer call() throws InterruptedException {
        Services.logInfo();
        KafkaAccess access = kafkaConfig.access(kafka);
        HttpGuard guard = http.guard();
        String name = holder == null
                ? Places.nodeName() + "-" + ProcessHandle.current().pid()
                : holder;
        try (Lifetime life = Lifetime.ofService()) {
            Controller controller = life.add(Parts.controller(
                    () -> new ControllerConfig(access, httpHost, httpPort, name, tick, timeToLive, guard)));
            PrintWriter out = spec.commandLine().getOut();
            out.println("controller ready: " + guard.scheme() + "://" + httpHost + ":" + controller.httpPort()
                    + (controller.active() ? "" : ", standing by"));
            out.flush();
            controller.awaitTermination();
            return 0;
        } catch (ControllerException e) {
            throw Parts.of(e);
        }
    }
}
