package io.aliquot.controller.placement;

import java.util.Arrays;

/** Where the passes begin when there is no placement before. */
final class ColdStart {
    private ColdStart() {}

    /** Divides every GPU by what its tenants are entitled to for each GPU-equivalent they could use: where a cold start begins. */
    static double[] spread(PlacementProblem p, Bounds bounds, GpuFill fill) {
        double[] amount = new double[p.edges()];
        double[] wanted = new double[p.tenants()];
        for (int e = 0; e < amount.length; e++) {
            wanted[p.tenantOf[e]] += bounds.most[e];
        }
        Arrays.fill(fill.offset, 0);
        for (int g = 0; g < p.gpus(); g++) {
            int from = p.gpuStart[g];
            int size = p.gpuStart[g + 1] - from;
            for (int k = 0; k < size; k++) {
                int i = p.tenantOf[from + k];
                fill.slope[k] = wanted[i] > 0 ? bounds.weight[i] * (bounds.most[from + k] / wanted[i]) : 1;
                fill.slope[k] = Math.max(fill.slope[k], Double.MIN_NORMAL);
                fill.least[k] = bounds.least[from + k];
                fill.most[k] = bounds.most[from + k];
            }
            fill.fill(size, p.capacity[g], 0);
            System.arraycopy(fill.amount, 0, amount, from, size);
        }
        return amount;
    }
}
