package io.aliquot.cli.stack;

import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.cli.text.Converters;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot broker}: a Kafka broker on this machine, until SIGTERM. */
@Command(
        name = "broker",
        description = {
            "Run a Kafka broker of its own process, until Ctrl-C or SIGTERM.",
            "",
            "For labs and tests: it listens on 127.0.0.1 alone and has no replicas. A cluster wants a Kafka of its own.",
        },
        footer = {"", "Example:", "  aliquot broker --state /tmp/lab --port 9092"})
public final class BrokerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--state", paramLabel = "DIR", description = "Keeps its records (default: as `aliquot up`).")
    private @Nullable Path state;

    @Option(
            names = {"--port", "--kafka-port"},
            paramLabel = "PORT",
            defaultValue = "9092",
            converter = Converters.Port.class,
            description = "Where it listens (default: 9092; 0: any free port).")
    private int port;

    @Override
    public Integer call() throws InterruptedException {
        Path dir = (state == null ? Places.here().stateDir() : state).resolve("kafka");
        try (Lifetime life = Lifetime.ofService()) {
            CountDownLatch end = new CountDownLatch(1);
            life.onEnd(end::countDown);
            EmbeddedBroker broker = life.add(Parts.broker(dir, port));
            PrintWriter out = spec.commandLine().getOut();
            out.println("broker ready: " + broker.bootstrapServers());
            out.flush();
            end.await();
            return 0;
        }
    }
}
