package io.aliquot.cli.demo;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.cli.demo.DemoReport.PhaseResult;
import io.aliquot.cli.demo.DemoReport.TenantResult;
import io.aliquot.cli.stack.InForce;
import io.aliquot.cli.text.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** Plays the script on a stage: makes each phase's change, waits, and asks the witness. One thread. */
final class DemoPlay {
    private static final Duration IDLE_PATIENCE = Duration.ofSeconds(5);
    /** The tenants' lines come every 10 ms; what is older than this is complete. */
    private static final long LINES_IN_NS = TimeUnit.MILLISECONDS.toNanos(40);

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int APPLY_SAMPLES = 21;

    private final DemoStage stage;
    private final DemoScript script;
    private final LiveTable table;
    private final Agent agent;
    private final ShareWitness witness;
    private final List<Double> applyMs = new ArrayList<>();
    private final long begunNs = System.nanoTime();
    private OptionalDouble lendMs = OptionalDouble.empty();

    DemoPlay(DemoStage stage, DemoScript script, LiveTable table) {
        this.stage = stage;
        this.script = script;
        this.table = table;
        this.agent = stage.stack().agent();
        this.witness = stage.witness();
    }

    DemoReport play() throws InterruptedException {
        List<PhaseResult> results = new ArrayList<>();
        for (int i = 0; i < script.phases().size(); i++) {
            DemoScript.Phase phase = script.phases().get(i);
            long endNs = begunNs + script.phaseLength().toNanos() * (i + 1);
            long changedNs = change(phase, endNs);
            results.add(measure(phase, changedNs + DemoScript.SETTLE.toNanos(), endNs));
            if (phase.idle().isPresent()) {
                double before = results.get(0).busyPermille();
                lendMs = witness.lendMs(phase.busy(), changedNs, before, endNs);
            }
        }
        return new DemoReport(agent.simulated(), results, new Samples(applyMs), lendMs);
    }

    /** Makes the change that begins a phase. @return when it was made */
    private long change(DemoScript.Phase phase, long phaseEndNs) throws InterruptedException {
        TenantProcess biggest = stage.tenant(DemoScript.BIGGEST);
        switch (phase.name()) {
            case "idle" -> {
                biggest.pause();
                return biggest.await("idle", IDLE_PATIENCE, TenantLine::idle).atNs();
            }
            case "return" -> biggest.resume();
            case "reweight" ->
                changeWeights(phase, phaseEndNs - script.phaseLength().toNanos() / 2);
            default -> {}
        }
        return System.nanoTime();
    }

    /** Changes the weight back and forth, to see how long that takes each time; the last leaves the phase's weight. */
    private void changeWeights(DemoScript.Phase phase, long deadlineNs) {
        InForce inForce = new InForce(agent);
        Ticker ticker = new Ticker(phase);
        int before = script.phases().get(0).weights().getOrDefault(DemoScript.CHANGED, 1);
        for (int i = 0; i < APPLY_SAMPLES; i++) {
            boolean last = i % 2 == 0;
            int weight = last ? DemoScript.CHANGED_WEIGHT : before;
            long version = inForce.version(DemoScript.CHANGED);
            long askedNs = System.nanoTime();
            stage.quotas().weight(DemoScript.CHANGED, weight);
            applyMs.add((inForce.awaitNewer(DemoScript.CHANGED, version) - askedNs) / 1e6);
            ticker.drawWhenDue();
            if (last && System.nanoTime() - deadlineNs > 0) {
                return;
            }
        }
    }

    private PhaseResult measure(DemoScript.Phase phase, long fromNs, long toNs) throws InterruptedException {
        sleepUntil(fromNs, phase);
        Map<String, Long> waitedBefore = perTenant(TenantSnapshot::waitedNs);
        sleepUntil(toNs, phase);
        Map<String, Long> waitedAfter = perTenant(TenantSnapshot::waitedNs);
        TimeUnit.NANOSECONDS.sleep(LINES_IN_NS);
        List<TenantResult> tenants = new ArrayList<>();
        phase.weights().forEach((tenant, weight) -> {
            long waitedNs = waitedAfter.getOrDefault(tenant, 0L) - waitedBefore.getOrDefault(tenant, 0L);
            tenants.add(new TenantResult(
                    tenant,
                    weight,
                    phase.targetPermille(tenant),
                    witness.achievedPermille(tenant, phase.weights().keySet(), fromNs, toNs),
                    TimeUnit.NANOSECONDS.toMillis(waitedNs)));
        });
        table.keep();
        double busy = witness.busyPermille(phase.weights().keySet(), fromNs, toNs);
        return new PhaseResult(phase, (toNs - fromNs) / 1e9, busy, tenants);
    }

    private void sleepUntil(long untilNs, DemoScript.Phase phase) throws InterruptedException {
        Ticker ticker = new Ticker(phase);
        for (long leftNs = untilNs - System.nanoTime(); leftNs > 0; leftNs = untilNs - System.nanoTime()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(leftNs, ticker.dueInNs()));
            stage.checkAlive();
            ticker.drawWhenDue();
        }
    }

    /** Shows what happens, once a second; each table is of the time since the last. */
    private final class Ticker {
        private final DemoScript.Phase phase;
        private long lastNs = System.nanoTime();
        private Map<String, Long> lastWaited = perTenant(TenantSnapshot::waitedNs);

        Ticker(DemoScript.Phase phase) {
            this.phase = phase;
        }

        long dueInNs() {
            return Math.max(1, lastNs + SECOND_NS - System.nanoTime());
        }

        void drawWhenDue() {
            long nowNs = System.nanoTime();
            if (nowNs - lastNs < SECOND_NS) {
                return;
            }
            Map<String, Long> waited = perTenant(TenantSnapshot::waitedNs);
            Map<String, Long> memory = perTenant(TenantSnapshot::memoryUsedBytes);
            Map<String, Long> limit = perTenant(tenant -> tenant.share().memoryLimitBytes());
            List<LiveTable.Row> rows = new ArrayList<>();
            for (String tenant : phase.weights().keySet()) {
                long waitedNs = waited.getOrDefault(tenant, 0L) - lastWaited.getOrDefault(tenant, 0L);
                rows.add(new LiveTable.Row(
                        tenant,
                        phase.weights().getOrDefault(tenant, 0),
                        phase.targetPermille(tenant),
                        witness.achievedPermille(
                                tenant, phase.weights().keySet(), lastNs - LINES_IN_NS, nowNs - LINES_IN_NS),
                        Math.round(waitedNs * 1000.0 / (nowNs - lastNs)),
                        memory.getOrDefault(tenant, 0L),
                        limit.getOrDefault(tenant, 0L)));
            }
            table.draw(title(phase), rows);
            lastNs = nowNs;
            lastWaited = waited;
        }
    }

    private String title(DemoScript.Phase phase) {
        return "%d/%d  %s  (%s, %d s of %d)"
                .formatted(
                        script.phases().indexOf(phase) + 1,
                        script.phases().size(),
                        phase.title(),
                        agent.simulated() ? "simulated GPU" : "real GPU",
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNs),
                        script.phaseLength().multipliedBy(4).toSeconds());
    }

    /** Of the first GPU, where the tenants are. */
    private Map<String, Long> perTenant(ToLongFunction<TenantSnapshot> value) {
        Map<String, Long> values = new HashMap<>();
        agent.snapshot().tenants().stream()
                .filter(t -> t.gpuIndex() == 0)
                .forEach(t -> values.put(t.tenant(), value.applyAsLong(t)));
        return values;
    }
}
