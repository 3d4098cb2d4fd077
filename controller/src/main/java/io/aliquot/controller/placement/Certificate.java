package io.aliquot.controller.placement;

import java.util.Arrays;

/**
 * How far a placement can be from the weighted max-min one, without knowing that one. With f(X) = Σ X_i²/(2·E_i), convex, and its
 * gradient r_i = X_i/E_i, the most that r·(x − y) can be for any feasible y bounds f(X) − f(X*) from above (Frank and Wolfe, Naval
 * Research Logistics Quarterly 3, 1956), and f(X) − f(X*) ≥ Σ (X_i − X*_i)²/(2·E_i). The best y is greedy on each GPU. Needs no solver;
 * says nothing about gangs, which are held where they are.
 */
public final class Certificate {
    private final Placement placement;
    private final double[] weight;
    private final double gap;

    /** O(edges · log of the tenants on a GPU). */
    public Certificate(Placement placement) {
        this.placement = placement;
        PlacementProblem p = placement.problem();
        Bounds all = new Bounds(p);
        Bounds bounds = p.gangs() == 0
                ? all
                : GangFinish.hold(p, all, placement.amounts().clone());
        weight = bounds.weight;
        double sum = 0;
        for (int g = 0; g < p.gpus(); g++) {
            sum += gap(p, bounds, g);
        }
        gap = Math.max(0, sum);
    }

    /**
     * The most by which this tenant's total may differ from its fair one, as a part of what it has; 0.01 is 1 %. Infinite for a
     * tenant that has nothing while the gap is above 0.
     */
    public double worst(int tenant) {
        double off = Math.sqrt(2 * gap * weight[tenant]);
        return off == 0 ? 0 : off / placement.total(tenant);
    }

    /** The most that sqrt(Σ (X_i − X*_i)²/E_i ÷ Σ X_i²/E_i) can be: the weighted root mean square of all errors at once. */
    public double rootMeanSquare() {
        double norm = 0;
        for (int i = 0; i < weight.length; i++) {
            norm += placement.total(i) * placement.total(i) / weight[i];
        }
        return gap == 0 ? 0 : Math.sqrt(2 * gap / norm);
    }

    private double gap(PlacementProblem p, Bounds bounds, int g) {
        int from = p.gpuStart[g];
        Integer[] order = new Integer[p.gpuStart[g + 1] - from];
        Arrays.setAll(order, k -> from + k);
        Arrays.sort(order, (a, b) -> Double.compare(ratio(p, a), ratio(p, b)));
        double left = 0;
        double gap = 0;
        for (int e : order) {
            left += placement.amount(e) - bounds.least[e];
            gap += ratio(p, e) * (placement.amount(e) - bounds.least[e]);
        }
        for (int e : order) {
            double given = Math.max(0, Math.min(left, bounds.most[e] - bounds.least[e]));
            left -= given;
            gap -= ratio(p, e) * given;
        }
        return gap;
    }

    private double ratio(PlacementProblem p, int e) {
        return placement.total(p.tenantOf[e]) / weight[p.tenantOf[e]];
    }
}
