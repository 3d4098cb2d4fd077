package io.aliquot.controller.replay;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.decide.Decider;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.Quotas;
import io.aliquot.schema.ServiceClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A controller that records itself, for tests. */
final class Recorder {
    private static final int TIME_TO_LIVE_MS = 10_000;
    private static final Map<String, Long> OFFSETS = Map.of("telemetry", 7L, "requests", 3L);

    final List<ReplayTick> ticks = new ArrayList<>();
    private final Decider decider;
    private final long term;
    private long sequence = 1;

    Recorder(long term, ClusterState quotas, long nowMs) {
        this.term = term;
        decider = new Decider(quotas, nowMs);
        record(CallKind.START, nowMs, Optional.of(quotas), List.of(), List.of(), List.of());
    }

    void tick(long nowMs, NodeReport... reports) {
        List<NodePlan> plans = decider.tick(List.of(reports), nowMs);
        record(CallKind.TICK, nowMs, Optional.empty(), List.of(), List.of(reports), plans);
    }

    void changed(long nowMs, ClusterEvent... events) {
        List<NodePlan> plans = decider.changed(List.of(events), nowMs);
        record(CallKind.QUOTAS, nowMs, Optional.empty(), List.of(events), List.of(), plans);
    }

    private void record(
            CallKind kind,
            long nowMs,
            Optional<ClusterState> quotas,
            List<ClusterEvent> changes,
            List<NodeReport> reports,
            List<NodePlan> plans) {
        Fence first = new Fence("lease", term, sequence);
        Map<Long, byte[]> decisions = new HashMap<>();
        for (NodePlan plan : plans) {
            Fence fence = new Fence("lease", term, sequence++);
            decisions.put(
                    fence.sequence(), new PlannedDecision(plan, fence, nowMs, TIME_TO_LIVE_MS, OFFSETS).toBytes());
        }
        ticks.add(new ReplayTick(
                ticks.size() + 1,
                kind,
                nowMs,
                nowMs,
                first,
                plans.size(),
                TIME_TO_LIVE_MS,
                OFFSETS,
                quotas,
                changes,
                reports,
                decisions,
                ""));
    }

    ReplayReport replayed() {
        return replayed(Replay.asRecorded(Window.ALL));
    }

    ReplayReport replayed(Replay replay) {
        ticks.forEach(replay::take);
        return replay.report();
    }

    static ClusterEvent quota(String tenant, int weight) {
        return new ClusterEvent.QuotaChanged(
                Quotas.quota(tenant, weight, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 0, "me"));
    }

    /** A tenant whose past counts: half of it after so many seconds, and credit for as many GPU-seconds. */
    static ClusterEvent rememberingQuota(String tenant, int weight, long seconds) {
        QuotaChange change = new QuotaChange.Builder()
                .weight((long) weight)
                .historyHalfLifeSeconds(seconds)
                .burstCreditGpuSeconds(seconds)
                .build();
        return new ClusterEvent.QuotaChanged(Quota.of(tenant, change.over(QuotaChange.NEW_TENANT), 1, 0, "me"));
    }

    /** One GPU for 100 ms, with what each tenant used of it; held back for the rest if it lacks. */
    static NodeReport report(String node, Map<String, Integer> busyPermille, boolean lacks) {
        List<NodeReport.Tenant> tenants = new ArrayList<>();
        busyPermille.forEach((tenant, busy) -> tenants.add(
                new NodeReport.Tenant(tenant, 1, busy * 100_000L, 0, lacks ? 1000 - busy : 0, 1 << 20, 0, 0, 0, 1)));
        NodeReport.Gpu gpu = new NodeReport.Gpu("gpu-" + node, "GPU", true, 1 << 30, 0, tenants);
        return new NodeReport(node, 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty());
    }
}
