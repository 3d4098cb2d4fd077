package io.aliquot.controller.fairshare;

/** The children of one parent while its GPUs are shared out among them: one array a property, GPU-equivalents. */
final class Siblings {
    /** Floors that exceed the budget by less than this part of it are met: rounding. */
    private static final double ROUNDING = 1e-12;

    final double[] weight;

    /** What the policy guarantees. */
    final double[] floor;

    /** What is guaranteed and would be used: at most {@link #capped}. */
    final double[] low;

    /** What would be used within all ceilings. */
    final double[] capped;

    /** What would be used if soft ceilings were lifted: at least {@link #capped}. */
    final double[] wanted;

    final int[] priority;

    /** What may be spent of the burst credit; negative: the tenant has none by policy. */
    final double[] spendable;

    /** What each would get if all wanted all. */
    final double[] fair;

    /** What each gets. */
    final double[] share;

    int size;

    Siblings(int most) {
        weight = new double[most];
        floor = new double[most];
        low = new double[most];
        capped = new double[most];
        wanted = new double[most];
        priority = new int[most];
        spendable = new double[most];
        fair = new double[most];
        share = new double[most];
    }

    /** True when the floors in use can't all be met from the budget. */
    boolean floorsExceed(double budget) {
        return sum(low) > budget * (1 + ROUNDING) + Double.MIN_NORMAL;
    }

    double sum(double[] values) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += values[i];
        }
        return sum;
    }
}
