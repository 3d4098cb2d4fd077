package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Allocation;
import io.aliquot.controller.fairshare.Claim;
import io.aliquot.controller.fairshare.Demand;
import io.aliquot.controller.fairshare.FairShareSolver;
import io.aliquot.controller.fairshare.FallbackShares;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Turns quotas and a node's demand into its plan. Immutable and pure, one for each set of quotas; any thread. */
public final class Planner {
    private final FairShareSolver solver;
    private final SortedMap<String, Quota> quotas;
    private final Map<String, Integer> fallback;

    public Planner(FairShareSolver solver, SortedMap<String, Quota> quotas) {
        this.solver = solver;
        this.quotas = leaves(quotas);
        this.fallback = FallbackShares.split(
                solver, this.quotas.values().stream().map(q -> q.claim(0)).toList());
    }

    /** The tenants that have no tenants in them. Names in a path are joined by '/', which no name holds. */
    private static SortedMap<String, Quota> leaves(SortedMap<String, Quota> quotas) {
        SortedMap<String, Quota> leaves = new TreeMap<>(quotas);
        leaves.remove(Quota.CLUSTER);
        quotas.values().forEach(quota -> leaves.remove(quota.policy().parent()));
        return leaves;
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
