package io.aliquot.controller.placement;

import java.util.Arrays;

/**
 * The other candidate, for comparison only: each tenant has a multiplier m, each GPU gives clamp(λ_g·m_i, f_ig, d_ig), and after a
 * round m_i ← m_i^(1−β)·[E_i·(L·E_i/X_i)^α]^β with β = 1/(1+α) and L = ΣX/ΣE over the unsatisfied. All GPUs of a round see the same m.
 */
final class MultiplierIteration {
    private static final double ALPHA = 32;
    private static final double BETA = 1 / (1 + ALPHA);

    private final PlacementProblem p;
    private final Bounds bounds;
    private final GpuFill fill;
    private final double[] logMultiplier;

    MultiplierIteration(PlacementProblem p) {
        this.p = p;
        bounds = new Bounds(p);
        fill = new GpuFill(p.edges());
        logMultiplier = Arrays.stream(bounds.weight).map(Math::log).toArray();
    }

    Placement solve(int rounds) {
        Placement placement = fillAll();
        for (int round = 1; round < rounds; round++) {
            update(placement);
            placement = fillAll();
        }
        return placement;
    }

    private Placement fillAll() {
        double[] amount = new double[p.edges()];
        for (int g = 0; g < p.gpus(); g++) {
            int from = p.gpuStart[g];
            int size = p.gpuStart[g + 1] - from;
            double highest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < size; k++) {
                highest = Math.max(highest, logMultiplier[p.tenantOf[from + k]]);
            }
            for (int k = 0; k < size; k++) {
                fill.slope[k] = Math.max(1e-100, Math.exp(logMultiplier[p.tenantOf[from + k]] - highest));
                fill.least[k] = bounds.least[from + k];
                fill.most[k] = bounds.most[from + k];
            }
            fill.fill(size, p.capacity[g], 1);
            System.arraycopy(fill.amount, 0, amount, from, size);
        }
        return new Placement(p, amount, amount, new double[0], bounds.floorsScaled, 0);
    }

    private void update(Placement placement) {
        double[] wanted = new double[p.tenants()];
        for (int e = 0; e < p.edges(); e++) {
            wanted[p.tenantOf[e]] += bounds.most[e];
        }
        double given = 0;
        double entitled = 0;
        for (int i = 0; i < p.tenants(); i++) {
            if (placement.total(i) < wanted[i] * (1 - 1e-9)) {
                given += placement.total(i);
                entitled += bounds.weight[i];
            }
        }
        for (int i = 0; i < p.tenants() && entitled > 0; i++) {
            double part = given / entitled * bounds.weight[i] / Math.max(placement.total(i), 1e-12);
            double target = Math.log(bounds.weight[i]) + ALPHA * Math.log(part);
            logMultiplier[i] = (1 - BETA) * logMultiplier[i] + BETA * target;
        }
    }
}
