package io.aliquot.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.agent.app.GpuMode;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.demo.DemoStage;
import io.aliquot.cli.stack.InForce;
import io.aliquot.cli.text.Converters;
import io.aliquot.cli.text.Samples;
import io.aliquot.cli.text.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot bench apply}: how long a change takes from Kafka to the node. */
@Command(
        name = "apply",
        description = {
            "Measure how long a weight takes from being asked for through Kafka until it is in force in the node.",
            "",
            "Broker, controller, agent and three tenants at full work run on this machine, as in the demo. One change is"
                    + " asked for at a time, after a pause of random length up to 100 ms. The time begins before the request"
                    + " is sent and ends when the node has written it into the tenants' control pages.",
        },
        footer = {"", "Example:", "  aliquot bench apply --samples 500 --output json"})
public final class ApplyCommand implements Callable<Integer> {
    private static final String TENANT = "a";
    private static final int PAUSE_MS = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "500",
            converter = Converters.Count.class,
            description = "How many changes, 1 to 100000 (default: 500).")
    private int samples;

    @Option(
            names = "--gpu",
            paramLabel = "WHICH",
            defaultValue = "auto",
            description = "sim, real or auto (default: auto).")
    private GpuMode gpu;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: text).")
    private Output output;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = output == Output.JSON ? spec.commandLine().getErr() : out;
        try (Lifetime life = Lifetime.ofTask()) {
            DemoStage stage = DemoStage.build(gpu, OptionalInt.empty(), progress, life);
            Samples applyMs = measure(stage);
            boolean simulated = stage.stack().agent().simulated();
            if (output == Output.JSON) {
                out.println(json(applyMs, simulated));
            } else {
                table(applyMs).forEach(out::println);
                out.println();
                out.println(Machine.describe() + (simulated ? ", simulated GPU" : ", real GPU"));
            }
            out.flush();
            return 0;
        }
    }

    private Samples measure(DemoStage stage) throws InterruptedException {
        InForce inForce = new InForce(stage.stack().agent());
        Random random = new Random(1);
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            Thread.sleep(random.nextInt(PAUSE_MS));
            stage.checkAlive();
            int weight = 2 + i % 2;
            long version = inForce.version(TENANT);
            long askedNs = System.nanoTime();
            stage.quotas().weight(TENANT, weight);
            times.add((inForce.awaitNewer(TENANT, version) - askedNs) / 1e6);
        }
        return new Samples(times);
    }

    private static List<String> table(Samples ms) {
        return new Table("CHANGES", "P50", "P90", "P99", "MAX")
                .row(
                        Integer.toString(ms.count()),
                        "%.1f ms".formatted(ms.percentile(50)),
                        "%.1f ms".formatted(ms.percentile(90)),
                        "%.1f ms".formatted(ms.percentile(99)),
                        "%.1f ms".formatted(ms.max()))
                .lines();
    }

    private static ObjectNode json(Samples ms, boolean simulated) {
        return JSON.createObjectNode()
                .put("gpu", simulated ? "sim" : "real")
                .put("samples", ms.count())
                .put("p50Ms", rounded(ms.percentile(50)))
                .put("p90Ms", rounded(ms.percentile(90)))
                .put("p99Ms", rounded(ms.percentile(99)))
                .put("maxMs", rounded(ms.max()))
                .put("machine", Machine.describe());
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
