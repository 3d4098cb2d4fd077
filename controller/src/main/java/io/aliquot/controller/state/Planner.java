package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Allocation;
import io.aliquot.controller.fairshare.Claim;
import io.aliquot.controller.fairshare.Demand;
import io.aliquot.controller.fairshare.FairShareSolver;
import io.aliquot.controller.fairshare.FallbackShares;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Turns quotas and a node's demand into its plan. Immutable and pure, one for each set of quotas; any thread. */
public final class Planner {
    private final FairShareSolver solver;
    private final SortedMap<String, Quota> quotas;
    private final Map<String, Integer> fallback;

    public Planner(FairShareSolver solver, SortedMap<String, Quota> quotas) {
        this.solver = solver;
        this.quotas = quotas;
        this.fallback = FallbackShares.split(
                solver, quotas.values().stream().map(q -> q.claim(0)).toList());
    }

    /** The plan for a node: all tenants on each of its GPUs, targets by what they want there now. */
    public NodePlan plan(NodeState node) {
        return new NodePlan(
                node.report().node(),
                node.report().gpus().stream().map(gpu -> gpu(node, gpu.uuid())).toList());
    }

    private NodePlan.Gpu gpu(NodeState node, String uuid) {
        List<Claim> claims = quotas.values().stream()
                .map(quota -> quota.claim(node.demandPermille(uuid, quota.tenant())))
                .toList();
        Allocation targets = solver.solve(Demand.ofWholeGpu(claims));
        return new NodePlan.Gpu(
                uuid,
                quotas.values().stream()
                        .map(quota -> new NodePlan.Share(
                                quota, targets.permille(quota.tenant()), fallback.getOrDefault(quota.tenant(), 1)))
                        .toList());
    }
}
