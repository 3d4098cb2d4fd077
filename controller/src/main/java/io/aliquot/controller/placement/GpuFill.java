package io.aliquot.controller.placement;

/**
 * Water-filling of one GPU: finds λ with Σ clamp(slope·λ − offset, least, most) = target. The sum rises with λ in straight pieces
 * that meet at the λ where an edge leaves its least or comes to its most. Newton's steps land on the answer once they are on its
 * piece; where a step leaves the bracket of what is known to be too low and too high, the next λ is a meeting point inside it, so at
 * most 2k + 2 steps are needed for k edges, and three or four are usual. Scratch for one GPU at a time; one thread.
 */
final class GpuFill {
    /** Of the target; and of what tenants have elsewhere, by which λ can't be told more finely. */
    private static final double TOLERANCE = 1e-13;

    private static final double ULPS = 1e-15;

    /** Per edge of the GPU, from 0. */
    final double[] slope;

    final double[] offset;
    final double[] least;
    final double[] most;

    /** The answer. */
    final double[] amount;

    private double rising;

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
        double widest = 0;
        for (int k = 0; k < size; k++) {
            below = Math.min(below, (least[k] + offset[k]) / slope[k]);
            above = Math.max(above, (most[k] + offset[k]) / slope[k]);
            room += most[k];
            widest = Math.max(widest, offset[k]);
        }
        if (room <= target) {
            System.arraycopy(most, 0, amount, 0, size);
            return above;
        }
        double tolerance = TOLERANCE * target + ULPS * widest;
        double level = Math.max(below, Math.min(above, guess));
        below = Math.nextDown(below);
        above = Math.nextUp(above);
        for (int step = 0; step < 4 * size + 4; step++) {
            double missing = target - give(size, level);
            if (Math.abs(missing) <= tolerance) {
                break;
            }
            if (missing > 0) {
                below = level;
            } else {
                above = level;
            }
            double next = level + missing / rising;
            level = next > below && next < above ? next : between(size, below, above);
        }
        settle(size, target);
        return level;
    }

    /** Sets the amounts for a λ, and how fast they rise there. @return their sum */
    private double give(int size, double level) {
        double sum = 0;
        rising = 0;
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
        return sum;
    }

    /** A meeting point inside the bracket, or else its middle. */
    private double between(int size, double below, double above) {
        for (int k = 0; k < size; k++) {
            double start = (least[k] + offset[k]) / slope[k];
            double end = (most[k] + offset[k]) / slope[k];
            if (start > below && start < above) {
                return start;
            }
            if (end > below && end < above) {
                return end;
            }
        }
        return below + 0.5 * (above - below);
    }

    /** Gives or takes what rounding left, within the bounds. */
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
