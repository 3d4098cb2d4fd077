package io.aliquot.controller.placement;

import java.util.Arrays;

/**
 * How high each gang stands while its GPUs are divided one after the other. Every GPU makes each gang on it an offer: the share
 * that it would give if the gang were bound by nothing elsewhere. The gang's level is the smallest offer, and no GPU gives it
 * more than that, so what it can't use elsewhere is filled by others. One thread.
 *
 * <p>A gang rises on all its GPUs together: x more on GPU g is x·C/c_g more for its tenant, with C the sum of the gang's
 * capacities. A GPU therefore divides by the tenant's total as it would be with the whole gang at that share.
 */
final class GangLevels {
    private final PlacementProblem p;
    private final Bounds bounds;

    /** Per edge of a gang, share of the GPU's time, 0 to 1; unused for other edges. */
    final double[] offer;

    /** Per gang: the smallest offer. */
    private final double[] level;

    /** Per gang: GPU-equivalents it has, and those of all its GPUs. */
    private final double[] sum;

    private final double[] capacity;

    private final boolean[] onGpu;

    GangLevels(PlacementProblem p, Bounds bounds, double[] offer) {
        this.p = p;
        this.bounds = bounds;
        this.offer = offer;
        level = new double[p.gangs()];
        sum = new double[p.gangs()];
        capacity = new double[p.gangs()];
        onGpu = new boolean[p.gpus()];
        for (int k = 0; k < p.gangs(); k++) {
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                capacity[k] += p.capacity[p.gpu(p.gangEdge[m])];
                onGpu[p.gpu(p.gangEdge[m])] = true;
            }
        }
    }

    /** Takes the amounts as offers, where there are none from a tick before; empty without gangs. */
    static double[] offersOf(PlacementProblem p, double[] amount) {
        double[] offer = new double[p.gangs() == 0 ? 0 : p.edges()];
        for (int e : p.gangEdge) {
            offer[e] = amount[e] / p.capacity[p.gpu(e)];
        }
        return offer;
    }

    /** Whether the GPU has an edge of a gang. */
    boolean on(int gpu) {
        return onGpu[gpu];
    }

    void addUp(double[] amount) {
        Arrays.fill(sum, 0);
        for (int k = 0; k < sum.length; k++) {
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                sum[k] += amount[p.gangEdge[m]];
            }
        }
    }

    /** Lets every gang rise to its smallest offer. @return whether one did by more than the tolerance */
    boolean rise(double tolerance) {
        boolean rose = false;
        for (int k = 0; k < level.length; k++) {
            double least = Double.POSITIVE_INFINITY;
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                least = Math.min(least, offer[p.gangEdge[m]]);
            }
            rose |= least > level[k] * (1 + tolerance);
            level[k] = least;
        }
        return rose;
    }

    /** The most that the GPU may give the edge, GPU-equivalents. */
    double most(int e, int g) {
        int k = p.gangOf[e];
        return k < 0 ? bounds.most[e] : Math.max(bounds.least[e], Math.min(bounds.most[e], level[k] * p.capacity[g]));
    }

    /** What the edge may come to as far as its own GPU goes: above {@link #most} where another GPU binds the gang. */
    double reach(int e, int g) {
        int k = p.gangOf[e];
        return k >= 0 && offer[e] <= level[k] ? bounds.most[e] : most(e, g);
    }

    void offer(int e, double share) {
        offer[e] = share;
        level[p.gangOf[e]] = Math.min(level[p.gangOf[e]], share);
    }

    void changed(int e, double by) {
        if (p.gangOf[e] >= 0) {
            sum[p.gangOf[e]] += by;
        }
    }

    /** Of the tenant's rise, the part that lies on this GPU; 1 for an edge of no gang. */
    double part(int e, int g) {
        int k = p.gangOf[e];
        return k < 0 ? 1 : p.capacity[g] / capacity[k];
    }

    /** What the tenant has besides the edge and its gang. */
    double elsewhere(int e, double total, double amount) {
        int k = p.gangOf[e];
        return k < 0 ? total - amount : total - sum[k];
    }
}
