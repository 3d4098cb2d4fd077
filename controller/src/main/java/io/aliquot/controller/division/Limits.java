package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.Entitlements;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.placement.Placement;

/**
 * The most that each tenant may have in all by the ceilings, which a placement does not know: it hands out whatever a GPU has.
 * A ceiling above a tenant lets it have what it is entitled to, and its part of what nobody has of that ceiling yet.
 */
final class Limits {
    /** Amounts that differ by less are the same, GPU-equivalents. */
    private static final double SAME = 1e-9;

    /** Placements that cut one tenant give others more, who may then be cut. */
    private static final int ROUNDS = 8;

    private final Layout layout;
    /** GPU-equivalents by node; infinite for tenants that no ceiling bounds. */
    private final double[] hard;

    private final double[] any;

    Limits(Layout layout, Entitlements now) {
        this.layout = layout;
        PolicyTree tree = layout.policy.tree();
        double[] most = new double[tree.size()];
        int[] atWork = new int[tree.size()];
        most[PolicyTree.ROOT] = layout.total;
        for (int node = 1; node < most.length; node++) {
            double above = most[tree.parent(node)];
            most[node] = Math.min(above, tree.policy(node).ceiling().of(above));
        }
        for (int node = most.length - 1; node > PolicyTree.ROOT; node--) {
            atWork[node] += tree.isLeaf(node) && layout.edges[node].length > 0 ? 1 : 0;
            atWork[tree.parent(node)] += atWork[node];
        }
        hard = new double[most.length];
        any = new double[most.length];
        for (int node = 0; node < most.length; node++) {
            hard[node] = any[node] = Double.POSITIVE_INFINITY;
            for (int above = node; above > PolicyTree.ROOT; above = tree.parent(above)) {
                if (most[above] >= layout.total && !tree.policy(above).hardCeiling()) {
                    continue;
                }
                double left = Math.max(0, most[above] - now.entitlement().get(above));
                double limit =
                        above == node ? most[above] : now.entitlement().get(node) + left / Math.max(1, atWork[above]);
                boolean isHard = tree.policy(above).hardCeiling();
                hard[node] = isHard ? Math.min(hard[node], limit) : hard[node];
                any[node] = above == node ? Math.min(any[node], limit) : any[node];
            }
        }
    }

    /** The placement with nobody above a hard ceiling. */
    Placement hold(Placement placement) {
        Placement held = placement;
        double[] demand = layout.demand.clone();
        for (int round = 0; round < ROUNDS; round++) {
            boolean cut = false;
            for (int node = 1; node < hard.length; node++) {
                double total = total(held, node);
                if (total > hard[node] + SAME) {
                    cut = true;
                    for (int e : layout.edges[node]) {
                        demand[e] = held.amount(e) * hard[node] / total;
                    }
                }
            }
            if (!cut) {
                return held;
            }
            held = Placer.withDemands(held, demand);
        }
        return held;
    }

    private double total(Placement placement, int node) {
        double total = 0;
        for (int e : layout.edges[node]) {
            total += placement.amount(e);
        }
        return total;
    }

    /**
     * What the node must hold each tenant to on each GPU until the next tick: what it gets, and an equal part of what it has
     * left under its ceilings.
     *
     * @return parts of the GPUs' time, per edge, 0 to 1
     */
    double[] ceilings(Placement placement) {
        double[] ceiling = new double[layout.tenant.length];
        for (int node = 0; node < any.length; node++) {
            int[] edges = layout.edges[node];
            double left = left(placement, node) / Math.max(1, edges.length);
            for (int e : edges) {
                ceiling[e] = Math.min(1, layout.share(e, placement.amount(e) + left));
            }
        }
        return ceiling;
    }

    /** GPU-equivalents that a tenant may have beyond what it gets; infinite where nothing bounds it. */
    private double left(Placement placement, int node) {
        double most = isHard(node) ? hard[node] : any[node];
        return Math.max(0, most - total(placement, node));
    }

    /** GPU-equivalents of one more GPU that each tenant may have until the next tick, by node; infinite where nothing bounds it. */
    double[] ofNext(Placement placement) {
        double[] next = new double[any.length];
        for (int node = 0; node < next.length; node++) {
            next[node] = left(placement, node) / (layout.edges[node].length + 1);
        }
        return next;
    }

    /** Whether the ceilings that bound the tenant hold when nobody else wants the time, too. */
    boolean isHard(int node) {
        return hard[node] < Double.POSITIVE_INFINITY;
    }
}
