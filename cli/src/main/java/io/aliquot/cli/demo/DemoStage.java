package io.aliquot.cli.demo;

import io.aliquot.agent.app.GpuMode;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.cli.base.Lifetime;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.stack.InForce;
import io.aliquot.cli.stack.QuotaSender;
import io.aliquot.cli.stack.ScratchFolder;
import io.aliquot.cli.stack.Stack;
import io.aliquot.cli.stack.StackConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * All that the demo needs, running: the stack in a folder of its own, and the tenants. Whoever owns the {@link Lifetime} ends
 * it.
 */
public final class DemoStage {
    private static final long MEMORY_LIMIT_BYTES = 4L << 30;
    private static final Duration TENANT_PATIENCE = Duration.ofSeconds(30);

    private final Stack stack;
    private final QuotaSender quotas;
    private final ShareWitness witness = new ShareWitness();
    private final SequencedMap<String, TenantProcess> tenants = new LinkedHashMap<>();

    private DemoStage(Stack stack, QuotaSender quotas) {
        this.stack = stack;
        this.quotas = quotas;
    }

    /** Starts everything; the tenants are at work, all on the first GPU, when it returns. */
    public static DemoStage build(GpuMode gpu, OptionalInt simulatedGpus, PrintWriter progress, Lifetime life)
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
        DemoStage stage =
                new DemoStage(stack, life.add(new QuotaSender(stack.where().kafka(), "aliquot demo")));
        String name = stack.agent().gpus().get(0).name();
        progress.println("Starting three tenants on " + name + (stack.agent().simulated() ? " (simulated)" : ""));
        progress.flush();
        stage.startTenants(nativeDir, runDir, life);
        progress.printf("Ready after %.1f s%n%n", (System.nanoTime() - begunNs) / 1e9);
        return stage;
    }

    /** Plays the script to its end. */
    DemoReport play(DemoScript script, LiveTable table) throws InterruptedException {
        return new DemoPlay(this, script, table).play();
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

    TenantProcess tenant(String name) {
        TenantProcess tenant = tenants.get(name);
        if (tenant == null) {
            throw new IllegalArgumentException("no tenant " + name);
        }
        return tenant;
    }

    /** Looks after all tenants. */
    public void checkAlive() {
        tenants.values().forEach(TenantProcess::checkAlive);
    }

    private void startTenants(Path nativeDir, Path runDir, Lifetime life) throws InterruptedException {
        var weights = DemoScript.of(DemoScript.SHORTEST).phases().get(0).weights();
        weights.forEach((tenant, weight) -> quotas.weightAndMemory(tenant, weight, MEMORY_LIMIT_BYTES));
        InForce inForce = new InForce(stack.agent());
        weights.keySet().forEach(tenant -> inForce.awaitNewer(tenant, 0));
        Optional<String> calibration = Optional.empty();
        for (String tenant : weights.keySet()) {
            Optional<String> known = calibration;
            TenantProcess process = life.step(() -> TenantProcess.start(
                    tenant, nativeDir, runDir, known, line -> witness.note(tenant, line.atNs(), line.gpuNs()), life));
            tenants.put(tenant, process);
            if (calibration.isEmpty()) {
                calibration = process.awaitCalibration(TENANT_PATIENCE);
            }
        }
        for (TenantProcess tenant : tenants.values()) {
            tenant.await("at work", TENANT_PATIENCE, line -> line.gpuNs() > 0);
        }
    }
}
