package io.aliquot.controller.placement;

/**
 * X_i/E_i of every tenant, and which edges can give and take, kept so that asking whether a GPU is fair reads 8 bytes an edge from
 * memory and takes no branch: that is asked for every GPU in every round, and mostly denied. One thread.
 */
final class Ratios {
    /** Of a GPU's capacity: what rounding may leave between an amount and its bound. */
    static final double ROUNDING = 1e-12;

    private final PlacementProblem p;
    private final Bounds bounds;
    private final double[] total;

    /** At 2i + 1 the ratio's bits, which are in the order of the ratios as none is negative; at 2i what never counts. */
    private final long[] giver;

    private final long[] taker;

    /** Per edge, where to look: 2i + 1 of its tenant i if it is above its least or below its most, else 2i. */
    private final int[] gives;

    private final int[] takes;

    Ratios(PlacementProblem p, Bounds bounds, double[] amount) {
        this.p = p;
        this.bounds = bounds;
        total = new double[p.tenants()];
        giver = new long[2 * p.tenants()];
        taker = new long[2 * p.tenants()];
        gives = new int[p.edges()];
        takes = new int[p.edges()];
        for (int e = 0; e < amount.length; e++) {
            total[p.tenantOf[e]] += amount[e];
        }
        for (int i = 0; i < total.length; i++) {
            taker[2 * i] = Double.doubleToRawLongBits(Double.MAX_VALUE);
            add(i, 0);
        }
    }

    /** X_i, GPU-equivalents. */
    double total(int tenant) {
        return total[tenant];
    }

    double ratio(int tenant) {
        return total[tenant] / bounds.weight[tenant];
    }

    void add(int tenant, double by) {
        total[tenant] = Math.max(0, total[tenant] + by);
        long bits = Double.doubleToRawLongBits(ratio(tenant));
        giver[2 * tenant + 1] = bits;
        taker[2 * tenant + 1] = bits;
    }

    /** Notes which edges of the GPU can give and take. */
    void mark(int g, double[] amount) {
        double rounding = ROUNDING * p.capacity[g];
        for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
            gives[e] = 2 * p.tenantOf[e] + (amount[e] - bounds.least[e] > rounding ? 1 : 0);
            takes[e] = 2 * p.tenantOf[e] + (bounds.most[e] - amount[e] > rounding ? 1 : 0);
        }
    }

    /** Whether a tenant gets time of a marked GPU that is due to one with a smaller ratio, by more than the tolerance. */
    boolean unfair(int g, double tolerance) {
        long highest = 0;
        long lowest = Double.doubleToRawLongBits(Double.MAX_VALUE);
        int end = p.gpuStart[g + 1];
        for (int e = p.gpuStart[g]; e < end; e++) {
            highest = Math.max(highest, giver[gives[e]]);
            lowest = Math.min(lowest, taker[takes[e]]);
        }
        return Double.longBitsToDouble(highest) > Double.longBitsToDouble(lowest) * (1 + tolerance);
    }
}
