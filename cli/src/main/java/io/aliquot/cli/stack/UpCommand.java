package io.aliquot.cli.stack;

import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.text.Converters;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot up}: everything on this machine, in one process, until Ctrl-C. */
@Command(
        name = "up",
        description = {
            "Run a broker, a controller and this machine's agent in one process, until Ctrl-C.",
            "",
            "Quotas are kept across restarts. Programs that run under `aliquot run` meanwhile keep running without it, at"
                    + " their fallback shares, and connect again.",
        },
        footer = {
            "",
            "Example, in two terminals:",
            "  aliquot up --gpu sim",
            "  aliquot tenants set a --weight 4 --memory 10GiB && aliquot run --tenant a -- python3 train.py",
        })
public final class UpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private NodeOptions node;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "7070",
            converter = Converters.Port.class,
            description = "The controller's API and metrics (default: 7070; 0: any free port).")
    private int httpPort;

    @Option(
            names = "--agent-port",
            paramLabel = "PORT",
            defaultValue = "7071",
            converter = Converters.Port.class,
            description = "The agent's metrics and health (default: 7071; 0: any free port).")
    private int agentPort;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            converter = Converters.Port.class,
            description = "The broker (default: 9092; 0: any free port).")
    private int kafkaPort;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (Lifetime life = Lifetime.ofService()) {
            StackConfig config = new StackConfig(
                    node.gpu.mode(),
                    node.gpu.simulated(),
                    node.labels(),
                    node.stateDir(),
                    node.runDir(),
                    Places.nativeDir(),
                    Places.here().simulatorFile(),
                    httpPort,
                    agentPort,
                    kafkaPort);
            Stack stack = Stack.start(config, life);
            describe(out, config, stack);
            stack.awaitEnd();
            return 0;
        }
    }

    private static void describe(PrintWriter out, StackConfig config, Stack stack) {
        RunFolder.Up where = stack.where();
        out.println("Aliquot is up.");
        stack.agent()
                .gpus()
                .forEach(gpu -> out.println(
                        "  GPU         " + gpu.name() + (gpu.simulated() ? " (simulated)" : "") + "  " + gpu.uuid()));
        out.println("  controller  " + where.controller() + "   API, /metrics, /healthz");
        out.println("  agent       " + where.agent() + "   /metrics, /healthz; socket in " + config.runDir());
        out.println("  Kafka       " + where.kafka());
        out.println("  state       " + config.stateDir() + "   quotas survive a restart");
        out.println();
        out.println("In another terminal:");
        out.println("  aliquot tenants set a --weight 4 --memory 10GiB");
        out.println("  aliquot run --tenant a -- COMMAND");
        out.println("  aliquot tenants list");
        out.println();
        out.println("Ctrl-C ends it.");
        out.flush();
    }
}
