package io.aliquot.controller.placement;

/**
 * What a problem's numbers mean for a solver: for each edge the least and the most it may get, for each tenant its weight.
 * Gangs have one least and one most share for all their edges.
 *
 * <p>least = min(floor, demand), most = demand. Where the leasts of a GPU exceed it they are cut in proportion, as in
 * {@link Placement#floorsScaled}.
 */
final class Bounds {
    /** Of the mean entitlement above 0: what a tenant with none weighs, so that it gets only what others leave. */
    private static final double LEFTOVER_WEIGHT = 1e-6;

    /** GPU-equivalents, per edge. */
    final double[] least;

    /** GPU-equivalents, per edge; at least {@code least}. */
    final double[] most;

    /** Above 0, per tenant. */
    final double[] weight;

    /** GPUs whose floors in use exceeded their capacity. */
    final int floorsScaled;

    Bounds(PlacementProblem p) {
        least = new double[p.edges()];
        for (int e = 0; e < least.length; e++) {
            least[e] = Math.min(p.floor[e], p.demand[e]);
        }
        most = p.gangs() == 0 ? p.demand : p.demand.clone();
        smallestOfGang(p, least);
        smallestOfGang(p, most);
        int scaled = 0;
        for (int g = 0; g < p.gpus(); g++) {
            scaled += scaleFloors(p, g) ? 1 : 0;
        }
        floorsScaled = scaled;
        if (scaled > 0) {
            smallestOfGang(p, least);
        }
        weight = weights(p.entitlement);
    }

    /** Other leasts and mosts for the same tenants. */
    Bounds(double[] least, double[] most, Bounds like) {
        this.least = least;
        this.most = most;
        weight = like.weight;
        floorsScaled = like.floorsScaled;
    }

    private boolean scaleFloors(PlacementProblem p, int g) {
        double capacity = p.capacity[g];
        double floors = 0;
        for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
            floors += least[e];
        }
        if (floors <= capacity) {
            return false;
        }
        for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
            least[e] *= capacity / floors;
        }
        return true;
    }

    private static void smallestOfGang(PlacementProblem p, double[] amount) {
        for (int k = 0; k < p.gangs(); k++) {
            double share = p.smallestShare(k, amount);
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                int e = p.gangEdge[m];
                amount[e] = Math.min(amount[e], share * p.capacity[p.gpu(e)]);
            }
        }
    }

    private static double[] weights(double[] entitlement) {
        double sum = 0;
        int positive = 0;
        for (double e : entitlement) {
            sum += e;
            positive += e > 0 ? 1 : 0;
        }
        double mean = positive == 0 ? 1 : sum / positive;
        double[] weight = new double[entitlement.length];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = Math.max(entitlement[i], LEFTOVER_WEIGHT * mean);
        }
        return weight;
    }
}
