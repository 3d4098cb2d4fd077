package io.aliquot.cli.stack;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.AgentException;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.text.Converters;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot agent}: the agent of one GPU node, until SIGTERM. */
@Command(
        name = "agent",
        description = {
            "Run the agent of a GPU node, until Ctrl-C or SIGTERM.",
            "",
            "With no broker in reach it goes on with the last decision that it kept; without one of those it ends with"
                    + " exit code 4.",
        },
        footer = {
            "",
            "Example:",
            "  aliquot agent --kafka kafka.example:9093 --kafka-config gpu-17.properties --node gpu-17"
        })
public final class AgentCommand implements Callable<Integer> {
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private NodeOptions options;

    @Option(
            names = "--kafka",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The brokers, separated by commas.")
    private String kafka;

    @Mixin
    private KafkaConfigOption kafkaConfig;

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "This node's name, unique in the cluster (default: the machine's name).")
    private @Nullable String node;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "100ms",
            description = "How often it reports (default: 100ms).")
    private Duration interval;

    @Option(
            names = "--http-host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Where metrics and health answer (default: 127.0.0.1). Where other machines reach them, it needs"
                            + " tokens and TLS.")
    private String httpHost;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7071",
            converter = Converters.Port.class,
            description = "The port for them (default: 7071; 0: any free port).")
    private int httpPort;

    @Mixin
    private HttpGuardOptions http;

    @Override
    public Integer call() throws InterruptedException {
        Services.logInfo();
        KafkaAccess access = kafkaConfig.access(kafka);
        HttpGuard guard = http.guard();
        Path nativeDir = Places.nativeDir();
        try (Lifetime life = Lifetime.ofService()) {
            Agent agent = life.add(Parts.agent(() -> config(nativeDir, access, guard)));
            RunFolder folder = new RunFolder(options.runDir());
            if (agent.simulated()) {
                folder.useSimulator(
                        nativeDir, Places.here().simulatorFile(), agent.gpus().size(), life);
            } else {
                folder.useRealDriver();
            }
            meetBroker(agent);
            PrintWriter out = spec.commandLine().getOut();
            out.println("agent ready: " + guard.scheme() + "://" + httpHost + ":" + agent.httpPort() + ", socket in "
                    + options.runDir()
                    + (agent.simulated() ? ", simulated GPUs: " + agent.gpus().size() : ""));
            out.flush();
            agent.awaitTermination();
            return 0;
        }
    }

    private AgentConfig config(Path nativeDir, KafkaAccess access, HttpGuard guard) {
        String name = node == null ? Places.nodeName() : node;
        return AgentConfig.of(name, kafka, options.runDir(), options.stateDir(), nativeDir)
                .withKafka(access)
                .withGpu(options.gpu.mode())
                .withSimulatedGpus(options.gpu.simulated())
                .withInterval(interval)
                .withHttp(httpHost, httpPort, guard)
                .withLabels(options.labels());
    }

    /** A node with tenants at work must not lose its agent because the broker is away; a wrong address must be told. */
    private void meetBroker(Agent agent) throws InterruptedException {
        try {
            agent.awaitBroker(BROKER_PATIENCE);
        } catch (AgentException e) {
            if (agent.snapshot().generation() == 0) {
                throw Parts.of(e);
            }
            spec.commandLine()
                    .getErr()
                    .println("aliquot: " + e.problem() + "; " + e.fix() + "; going on with the last decision");
        }
    }
}
