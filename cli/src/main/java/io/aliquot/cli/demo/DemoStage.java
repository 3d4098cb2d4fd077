package io.aliquot.cli.demo;

import io.aliquot.agent.app.GpuMode;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.stack.QuotaSender;
import io.aliquot.cli.stack.ScratchFolder;
import io.aliquot.cli.stack.Stack;
import io.aliquot.cli.stack.StackConfig;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * All that the demo needs, running: the stack in a folder of its own, and the tenants. Whoever owns the {@link Lifetime} ends
 * it.
 */
public final class DemoStage {
    private static final Duration TENANT_PATIENCE = Duration.ofSeconds(30);

    private final Stack stack;
    private final QuotaSender quotas;
    private final ShareWitness witness = new ShareWitness();
    private final SequencedMap<String, List<TenantProcess>> programs = new LinkedHashMap<>();

    private DemoStage(Stack stack, QuotaSender quotas) {
        this.stack = stack;
        this.quotas = quotas;
    }

    /** Starts everything for the play with three tenants on the first GPU; they are at work when it returns. */
    public static DemoStage build(GpuMode gpu, OptionalInt simulatedGpus, PrintWriter progress, Lifetime life)
            throws InterruptedException {
        return build(new SharesPlay(DemoScript.of(DemoScript.SHORTEST)), gpu, simulatedGpus, progress, life);
    }

    /**
     * Starts everything; the tenants are at work when it returns.
     *
     * @throws CommandException when the play doesn't fit the GPUs
     */
    static DemoStage build(Play play, GpuMode gpu, OptionalInt simulatedGpus, PrintWriter progress, Lifetime life)
            throws InterruptedException {
        long begunNs = System.nanoTime();
        Path nativeDir = Places.nativeDir();
        progress.println("Starting a Kafka broker, a controller and an agent in this process");
        progress.flush();
        Path dir = life.step(() -> ScratchFolder.make("aliquot-demo-", life));
        Path simulator = Places.here().simulatorFile();
        if (!Files.exists(simulator)) {
            life.onEnd(() -> Files.deleteIfExists(simulator));
        }
        Path runDir = dir.resolve("run");
        Stack stack = Stack.start(
                new StackConfig(
                        gpu,
                        simulatedGpus,
                        NodeLabels.NONE,
                        dir.resolve("state"),
                        runDir,
                        nativeDir,
                        simulator,
                        0,
                        0,
                        0),
                life);
        DemoStage stage = new DemoStage(
                stack, life.add(new QuotaSender(KafkaAccess.open(stack.where().kafka()), "aliquot demo")));
        List<GpuInfo> gpus = stack.agent().gpus();
        if (!play.fits(gpus.size())) {
            throw CommandException.unavailable(
                    "this play does not fit a node of " + gpus.size() + " GPUs", play.fix(), null);
        }
        progress.println("Starting " + play.cast() + " on " + gpus.get(0).name()
                + (stack.agent().simulated() ? " (simulated)" : ""));
        progress.flush();
        play.grant(stage);
        stage.startPrograms(play.programs(), nativeDir, runDir, life);
        progress.printf("Ready after %.1f s%n%n", (System.nanoTime() - begunNs) / 1e9);
        return stage;
    }

    /** Broker, controller and agent. */
    public Stack stack() {
        return stack;
    }

    /** Asks for quotas through Kafka. */
    public QuotaSender quotas() {
        return quotas;
    }

    ShareWitness witness() {
        return witness;
    }

    /** A tenant's programs, in the order in which they started. */
    List<TenantProcess> programs(String tenant) {
        List<TenantProcess> own = programs.get(tenant);
        if (own == null) {
            throw new IllegalArgumentException("no programs of tenant " + tenant);
        }
        return own;
    }

    /** Looks after all tenants. */
    public void checkAlive() {
        all().forEach(TenantProcess::checkAlive);
    }

    private Stream<TenantProcess> all() {
        return programs.values().stream().flatMap(List::stream);
    }

    private void startPrograms(List<Program> cast, Path nativeDir, Path runDir, Lifetime life)
            throws InterruptedException {
        Optional<String> calibration = Optional.empty();
        for (Program program : cast) {
            Optional<String> known = calibration;
            TenantProcess process = life.step(() ->
                    TenantProcess.start(program, nativeDir, runDir, known, line -> program.note(line, witness), life));
            programs.computeIfAbsent(program.tenant(), tenant -> new ArrayList<>())
                    .add(process);
            if (calibration.isEmpty()) {
                calibration = process.awaitCalibration(TENANT_PATIENCE);
            }
        }
        for (TenantProcess process : all().toList()) {
            process.await("at work", TENANT_PATIENCE, line -> line.gpuNs() > 0);
        }
    }
}
