package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.EntitlementSolver;
import io.aliquot.controller.fairshare.Entitlements;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.Situation;
import io.aliquot.controller.fairshare.TenantValues;
import io.aliquot.controller.placement.Placement;
import org.jspecify.annotations.Nullable;

/**
 * What every tenant is guaranteed of the GPUs on which it has work, whatever the others want now: the division were all to
 * want all. It changes with policy, GPUs and places of work alone, so it is what a node holds to between two ticks, what the
 * accounts call lent and borrowed, and what tenants fall back to. Immutable.
 */
final class Guarantees {
    private final Layout layout;
    private final Placement placement;
    /** Were there one GPU, and every tenant wanted all of it. */
    private final Entitlements ofOneGpu;
    /** GPU-equivalents, per edge: the part of what is guaranteed that a floor guarantees. */
    private final double[] floor;

    /** By node: the part of {@link #ofOneGpu} that floors guarantee. */
    private final double[] oneFloorPart;

    private Guarantees(Layout layout, Placement placement, Entitlements ofOneGpu, double[] floor) {
        this.layout = layout;
        this.placement = placement;
        this.ofOneGpu = ofOneGpu;
        this.floor = floor;
        oneFloorPart = floorParts(ofOneGpu);
    }

    /** @param before of the tick before */
    static Guarantees of(Layout layout, @Nullable Guarantees before) {
        if (before != null && layout.keepsEdges) {
            return before;
        }
        PolicyTree tree = layout.policy.tree();
        Entitlements eager = EntitlementSolver.solve(Situation.of(layout.total, layout.eagerDemand()));
        double[] demand = new double[layout.demand.length];
        for (int e = 0; e < demand.length; e++) {
            demand[e] = layout.isOwn(e) ? layout.capacity[layout.gpu[e]] : 0;
        }
        Placement last = before != null && layout.keepsNumbers ? before.placement : null;
        Placement placement = Placer.place(layout, eager.entitlement(), new double[demand.length], demand, last, false);
        Entitlements one = before != null && before.layout.policy.tree().equals(tree)
                ? before.ofOneGpu
                : EntitlementSolver.solve(Situation.of(1, leaves(tree)));
        return new Guarantees(layout, placement, one, floors(layout, eager, placement));
    }

    private static TenantValues leaves(PolicyTree tree) {
        return TenantValues.by(tree, node -> node > PolicyTree.ROOT && tree.isLeaf(node) ? 1 : 0);
    }

    /** A tenant's floor is its own or its part of those above it; on its GPUs it lies as its guarantee does. */
    private static double[] floors(Layout layout, Entitlements eager, Placement placement) {
        double[] part = floorParts(eager);
        double[] floor = new double[layout.tenant.length];
        for (int e = 0; e < floor.length; e++) {
            floor[e] = layout.isOwn(e) ? placement.amount(e) * part[layout.tenant[e]] : 0;
        }
        return floor;
    }

    /** By node: the part of what a tenant gets that floors guarantee. */
    private static double[] floorParts(Entitlements eager) {
        PolicyTree tree = eager.tree();
        double[] part = new double[tree.size()];
        for (int node = 1; node < part.length; node++) {
            double own = eager.floor().get(node) / Math.max(eager.entitlement().get(node), Double.MIN_NORMAL);
            part[node] = Math.min(1, Math.max(part[tree.parent(node)], own));
        }
        return part;
    }

    /** GPU-equivalents of the edge's GPU. */
    double amount(int edge) {
        return placement.amount(edge);
    }

    /** GPU-equivalents of the edge's GPU that its tenant gets at once when it wants them. */
    double floor(int edge) {
        return floor[edge];
    }

    /** What a tenant would get of one GPU if all tenants of the policy wanted all of it; 0 to 1. */
    double ofOneGpu(int node) {
        return ofOneGpu.entitlement().get(node);
    }

    /** The part of that which floors guarantee; 0 to 1. */
    double floorOfOneGpu(int node) {
        return ofOneGpu(node) * oneFloorPart[node];
    }
}
