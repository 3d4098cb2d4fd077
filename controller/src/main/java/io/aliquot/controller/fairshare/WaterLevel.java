package io.aliquot.controller.fairshare;

import java.util.Arrays;

/**
 * Weighted max-min with bounds: the one level λ at which Σ clamp(λ·w, low, high) = budget (Bertsekas and Gallager, Data
 * Networks, §6.5, with weights and bounds). Sorts the breakpoints low/w and high/w, finds by bisection the two that λ is
 * between, and solves there the linear equation that is left: O(k log k) for k claims, and no iteration to a tolerance.
 * Pure; any thread.
 */
final class WaterLevel {
    private WaterLevel() {}

    /**
     * Shares a budget out.
     *
     * @param budget what to give; what exceeds Σhigh stays, and less than Σlow gives the lows
     * @param weight above 0
     * @param low at most high
     * @param share receives clamp(λ·weight, low, high); may be the same array as low or high
     * @param size how many of the arrays' first entries count
     */
    static void fill(double budget, double[] weight, double[] low, double[] high, double[] share, int size) {
        double lows = 0;
        double highs = 0;
        for (int i = 0; i < size; i++) {
            lows += low[i];
            highs += high[i];
        }
        if (budget >= highs) {
            System.arraycopy(high, 0, share, 0, size);
        } else if (budget <= lows) {
            System.arraycopy(low, 0, share, 0, size);
        } else {
            double level = level(budget, weight, low, high, size);
            for (int i = 0; i < size; i++) {
                share[i] = Math.clamp(level * weight[i], low[i], high[i]);
            }
        }
    }

    /** The level; the budget is between the sums of the lows and of the highs. */
    static double level(double budget, double[] weight, double[] low, double[] high, int size) {
        double[] points = breakpoints(weight, low, high, size);
        int above = firstAtLeast(budget, points, weight, low, high, size);
        double to = points[above];
        double from = above == 0 ? 0 : points[above - 1];
        double fixed = 0;
        double rising = 0;
        for (int i = 0; i < size; i++) {
            if (low[i] / weight[i] >= to) {
                fixed += low[i];
            } else if (high[i] / weight[i] <= from) {
                fixed += high[i];
            } else {
                rising += weight[i];
            }
        }
        return rising == 0 ? to : Math.clamp((budget - fixed) / rising, from, to);
    }

    private static double[] breakpoints(double[] weight, double[] low, double[] high, int size) {
        double[] points = new double[2 * size];
        for (int i = 0; i < size; i++) {
            points[2 * i] = low[i] / weight[i];
            points[2 * i + 1] = high[i] / weight[i];
        }
        Arrays.sort(points);
        return points;
    }

    private static int firstAtLeast(
            double budget, double[] points, double[] weight, double[] low, double[] high, int size) {
        int from = 0;
        int to = points.length - 1;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (given(points[middle], weight, low, high, size) >= budget) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    private static double given(double level, double[] weight, double[] low, double[] high, int size) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.clamp(level * weight[i], low[i], high[i]);
        }
        return sum;
    }
}
