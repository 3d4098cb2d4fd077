package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantValues;
import io.aliquot.controller.placement.IterativePlacement;
import io.aliquot.controller.placement.Placement;
import io.aliquot.controller.placement.PlacementBuilder;
import io.aliquot.controller.placement.PlacementProblem;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Brings totals to GPUs. A tenant that gets only what nobody else wants is one with no entitlement. */
final class Placer {
    private static final IterativePlacement SOLVER = new IterativePlacement();

    private Placer() {}

    /**
     * Divides every GPU.
     *
     * @param entitlement of each tenant, by node; only ratios count
     * @param floor GPU-equivalents, per edge
     * @param demand GPU-equivalents, per edge
     * @param last where to start from; of a layout with the same numbers
     * @param sameEdges that layout has the same edges, too
     */
    static Placement place(
            Layout layout,
            TenantValues entitlement,
            double[] floor,
            double[] demand,
            @Nullable Placement last,
            boolean sameEdges) {
        double[] both =
                Arrays.copyOf(leaves(entitlement), 2 * layout.policy.tree().size());
        int[] all = IntStream.range(0, demand.length).toArray();
        PlacementProblem problem = last != null && sameEdges
                ? last.problem().withEntitlements(both).withFloors(all, floor).withDemands(all, demand)
                : problem(layout, both, floor, demand);
        return last == null ? SOLVER.solve(problem) : SOLVER.solve(problem, last);
    }

    /** Goes on from a placement with other demands. */
    static Placement withDemands(Placement last, double[] demand) {
        int[] all = IntStream.range(0, demand.length).toArray();
        return SOLVER.solve(last.problem().withDemands(all, demand), last);
    }

    private static double[] leaves(TenantValues values) {
        PolicyTree tree = values.tree();
        double[] leaves = values.toArray();
        for (int node = 0; node < leaves.length; node++) {
            leaves[node] = tree.isLeaf(node) ? leaves[node] : 0;
        }
        return leaves;
    }

    private static PlacementProblem problem(Layout layout, double[] entitlement, double[] floor, double[] demand) {
        PlacementBuilder builder = new PlacementBuilder();
        for (double tenant : entitlement) {
            builder.addTenant(tenant);
        }
        for (double gpu : layout.capacity) {
            builder.addGpu(gpu);
        }
        for (int e = 0; e < layout.tenant.length; e++) {
            builder.addEdge(layout.tenant[e], layout.gpu[e], floor[e], demand[e]);
        }
        gangs(layout)
                .forEach(node -> builder.addGang(
                        node,
                        IntStream.of(layout.edges[node])
                                .filter(layout::isOwn)
                                .map(e -> layout.gpu[e])
                                .toArray()));
        return builder.build();
    }

    /** Gangs with work on two GPUs or more. */
    private static IntStream gangs(Layout layout) {
        return IntStream.range(0, layout.edges.length)
                .filter(node -> layout.isGang(node)
                        && IntStream.of(layout.edges[node])
                                        .filter(layout::isOwn)
                                        .count()
                                > 1);
    }
}
