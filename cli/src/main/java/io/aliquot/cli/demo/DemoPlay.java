package io.aliquot.cli.demo;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.cli.demo.DemoReport.PhaseResult;
import io.aliquot.cli.demo.DemoReport.TenantResult;
import io.aliquot.cli.stack.InForce;
import io.aliquot.cli.text.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** Acts the script on a stage: makes each phase's change, and asks the witness. One thread. */
final class DemoPlay implements PhaseLoop.Acts<DemoScript.Phase, PhaseResult> {
    private static final Duration IDLE_PATIENCE = Duration.ofSeconds(5);
    private static final int APPLY_SAMPLES = 21;

    private final DemoStage stage;
    private final DemoScript script;
    private final LiveTable table;
    private final Agent agent;
    private final ShareWitness witness;
    private final PhaseLoop<DemoScript.Phase, PhaseResult> loop;
    private final List<Double> applyMs = new ArrayList<>();
    private double busyAtFirstPermille = Double.NaN;
    private OptionalDouble lendMs = OptionalDouble.empty();

    DemoPlay(DemoStage stage, DemoScript script, LiveTable table) {
        this.stage = stage;
        this.script = script;
        this.table = table;
        this.agent = stage.stack().agent();
        this.witness = stage.witness();
        this.loop = new PhaseLoop<>(stage::checkAlive, script.phaseLength(), DemoScript.SETTLE);
    }

    DemoReport play() throws InterruptedException {
        List<PhaseResult> results = loop.play(script.phases(), this);
        return new DemoReport(agent.simulated(), results, new Samples(applyMs), lendMs);
    }

    @Override
    public long change(DemoScript.Phase phase, long endNs) throws InterruptedException {
        TenantProcess biggest = stage.programs(DemoScript.BIGGEST).getFirst();
        switch (phase.name()) {
            case "idle" -> {
                biggest.pause();
                return biggest.await("idle", IDLE_PATIENCE, TenantLine::idle).atNs();
            }
            case "return" -> biggest.resume();
            case "reweight" -> changeWeights(phase, endNs - script.phaseLength().toNanos() / 2);
            default -> {}
        }
        return System.nanoTime();
    }

    /** Changes the weight back and forth, to see how long that takes each time; the last leaves the phase's weight. */
    private void changeWeights(DemoScript.Phase phase, long deadlineNs) {
        InForce inForce = new InForce(agent);
        Ticker ticker = new Ticker(drawing(phase));
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

    @Override
    public PhaseLoop.Measure<PhaseResult> measure(DemoScript.Phase phase, long changedNs, long fromNs) {
        Map<String, Long> waitedBefore = perTenant(TenantSnapshot::waitedNs);
        return toNs -> {
            Map<String, Long> waitedAfter = perTenant(TenantSnapshot::waitedNs);
            PhaseLoop.awaitLines();
            List<TenantResult> tenants = new ArrayList<>();
            phase.weights().forEach((tenant, weight) -> {
                long waitedNs = waitedAfter.getOrDefault(tenant, 0L) - waitedBefore.getOrDefault(tenant, 0L);
                tenants.add(new TenantResult(
                        tenant,
                        weight,
                        phase.targetPermille(tenant),
                        achievedPermille(phase, tenant, fromNs, toNs),
                        TimeUnit.NANOSECONDS.toMillis(waitedNs)));
            });
            table.keep();
            double busy = witness.busyPermille(series(phase.weights().keySet()), fromNs, toNs);
            noteLending(phase, changedNs, busy, toNs);
            return new PhaseResult(phase, (toNs - fromNs) / 1e9, busy, tenants);
        };
    }

    private void noteLending(DemoScript.Phase phase, long changedNs, double busyPermille, long toNs) {
        if (Double.isNaN(busyAtFirstPermille)) {
            busyAtFirstPermille = busyPermille;
        }
        if (phase.idle().isPresent()) {
            lendMs = witness.lendMs(series(phase.busy()), changedNs, busyAtFirstPermille, toNs);
        }
    }

    /** Each table is of the time since the last. */
    @Override
    public Ticker.Drawing drawing(DemoScript.Phase phase) {
        Map<String, Long> lastWaited = perTenant(TenantSnapshot::waitedNs);
        return (fromNs, toNs) -> {
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
                        achievedPermille(phase, tenant, fromNs - PhaseLoop.LINES_IN_NS, toNs - PhaseLoop.LINES_IN_NS),
                        Math.round(waitedNs * 1000.0 / (toNs - fromNs)),
                        memory.getOrDefault(tenant, 0L),
                        limit.getOrDefault(tenant, 0L)));
            }
            table.draw(title(phase), rows);
            lastWaited.putAll(waited);
        };
    }

    private double achievedPermille(DemoScript.Phase phase, String tenant, long fromNs, long toNs) {
        return witness.achievedPermille(
                Program.series(tenant, 0), series(phase.weights().keySet()), fromNs, toNs);
    }

    private static List<String> series(Collection<String> tenants) {
        return tenants.stream().map(tenant -> Program.series(tenant, 0)).toList();
    }

    private String title(DemoScript.Phase phase) {
        return "%d/%d  %s  (%s, %d s of %d)"
                .formatted(
                        script.phases().indexOf(phase) + 1,
                        script.phases().size(),
                        phase.title(),
                        agent.simulated() ? "simulated GPU" : "real GPU",
                        loop.playedSeconds(),
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
