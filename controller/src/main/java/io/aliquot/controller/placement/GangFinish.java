package io.aliquot.controller.placement;

/**
 * Makes gangs equal for good: each takes the smallest share it has on any of its GPUs; what that leaves is filled by edges of no
 * gang; then each gang in turn rises as far as there is idle time on all its GPUs. In the end nobody's amount can be raised
 * alone, a gang's on all its GPUs, without taking from another.
 */
final class GangFinish {
    private GangFinish() {}

    /** @return the bounds with every gang held at its smallest share, and sets the amounts so */
    static Bounds hold(PlacementProblem p, Bounds bounds, double[] amount) {
        double[] least = bounds.least.clone();
        double[] most = bounds.most.clone();
        for (int k = 0; k < p.gangs(); k++) {
            double share = p.smallestShare(k, amount);
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                int e = p.gangEdge[m];
                amount[e] = Math.max(bounds.least[e], Math.min(bounds.most[e], share * p.capacity[p.gpu(e)]));
                least[e] = amount[e];
                most[e] = amount[e];
            }
        }
        return new Bounds(least, most, bounds);
    }

    /** Raises gangs into what is idle. */
    static void raise(PlacementProblem p, Bounds bounds, double[] amount) {
        double[] idle = p.capacity.clone();
        for (int g = 0; g < idle.length; g++) {
            for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                idle[g] -= amount[e];
            }
        }
        for (int k = 0; k < p.gangs(); k++) {
            double share = Double.POSITIVE_INFINITY;
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                int e = p.gangEdge[m];
                int g = p.gpu(e);
                share = Math.min(share, Math.min(idle[g], bounds.most[e] - amount[e]) / p.capacity[g]);
            }
            for (int m = p.gangStart[k]; share > 0 && m < p.gangStart[k + 1]; m++) {
                int e = p.gangEdge[m];
                int g = p.gpu(e);
                amount[e] += share * p.capacity[g];
                idle[g] -= share * p.capacity[g];
            }
        }
    }
}
