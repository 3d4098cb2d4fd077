package io.aliquot.controller.placement;

/**
 * Water-filling of one GPU: finds λ with Σ clamp(slope·λ − offset, least, most) = amount. The sum rises with λ piece by piece in
 * straight lines, so Newton's steps end after as many as there are pieces; a bracket halves where a step leaves it. Scratch for
 * one GPU at a time; not for several threads at once.
 */
final class GpuFill {
    private static final int MOST_STEPS = 200;
    private static final double TOLERANCE = 1e-14;

    /** Per edge of the GPU, from 0. */
    final double[] slope;

    final double[] offset;
    final double[] least;
    final double[] most;

    /** The answer. */
    final double[] amount;

    GpuFill(int mostEdges) {
        slope = new double[mostEdges];
        offset = new double[mostEdges];
        least = new double[mostEdges];
        most = new double[mostEdges];
        amount = new double[mostEdges];
    }

    /**
     * Fills the first {@code size} edges.
     *
     * @param target GPU-equivalents to give; what is above Σ most is not given, and never less than Σ least is
     * @param guess where to look for λ first
     * @return λ
     */
    double fill(int size, double target, double guess) {
        double below = Double.POSITIVE_INFINITY;
        double above = Double.NEGATIVE_INFINITY;
        double room = 0;
        for (int k = 0; k < size; k++) {
            below = Math.min(below, (least[k] + offset[k]) / slope[k]);
            above = Math.max(above, (most[k] + offset[k]) / slope[k]);
            room += most[k];
        }
        if (room <= target) {
            System.arraycopy(most, 0, amount, 0, size);
            return above;
        }
        double level = Math.max(below, Math.min(above, guess));
        for (int step = 0; step < MOST_STEPS; step++) {
            double sum = 0;
            double rising = 0;
            for (int k = 0; k < size; k++) {
                double x = slope[k] * level - offset[k];
                if (x <= least[k]) {
                    x = least[k];
                } else if (x >= most[k]) {
                    x = most[k];
                } else {
                    rising += slope[k];
                }
                amount[k] = x;
                sum += x;
            }
            double missing = target - sum;
            if (Math.abs(missing) <= TOLERANCE * target) {
                return level;
            }
            if (missing > 0) {
                below = level;
            } else {
                above = level;
            }
            double next = rising > 0 ? level + missing / rising : 0.5 * (below + above);
            if (!(next > below && next < above)) {
                next = 0.5 * (below + above);
            }
            if (next <= below || next >= above) {
                break;
            }
            level = next;
        }
        settle(size, target);
        return level;
    }

    /** Where λ can't be told more finely: gives or takes what is missing, within the bounds. */
    private void settle(int size, double target) {
        double missing = target;
        for (int k = 0; k < size; k++) {
            missing -= amount[k];
        }
        for (int k = 0; k < size && missing != 0; k++) {
            double x = Math.max(least[k], Math.min(most[k], amount[k] + missing));
            missing -= x - amount[k];
            amount[k] = x;
        }
    }
}
