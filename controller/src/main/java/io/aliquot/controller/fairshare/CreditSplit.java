package io.aliquot.controller.fairshare;

import java.util.Arrays;

/**
 * Karma's way to share out what nobody is guaranteed (Vuppalapati et al., OSDI '23), for time that divides at will: who has
 * most credit borrows first, until its credit is down to the next one's, and so on; what is still left goes by weight. A
 * tenant with a burst credit is guaranteed {@link #GUARANTEED} of its fair share (Karma's α) at any moment and its floor in
 * any case; the rest of its fair share it lends or borrows. One without is guaranteed all of its fair share. Not for two
 * threads at once; keeps nothing from call to call.
 */
final class CreditSplit {
    /** α of the paper, the value that its examples and measurements use. */
    static final double GUARANTEED = 0.5;

    private final double[] weight;
    private final double[] base;
    private final double[] high;
    private final double[] least;
    private final double[] most;
    private final double[] one;

    CreditSplit(int size) {
        weight = new double[size];
        base = new double[size];
        high = new double[size];
        least = new double[size];
        most = new double[size];
        one = new double[size];
        Arrays.fill(one, 1);
    }

    /**
     * Shares a budget out among some of the children.
     *
     * @return false when none of them has a burst credit, or less is there than they are guaranteed: nothing is done
     */
    boolean split(double budget, Siblings children, int[] member, int size, double[] share) {
        double guaranteed = 0;
        boolean any = false;
        for (int k = 0; k < size; k++) {
            int i = member[k];
            boolean has = children.spendable[i] >= 0;
            any |= has;
            double part = (has ? GUARANTEED : 1) * children.fair[i];
            weight[k] = children.weight[i];
            high[k] = children.capped[i];
            base[k] = Math.min(high[k], Math.max(children.low[i], part));
            guaranteed += base[k];
        }
        if (!any || guaranteed > budget) {
            return false;
        }
        lend(budget - guaranteed, children, member, size);
        WaterLevel.fill(budget, weight, base, high, share, size);
        return true;
    }

    /** Adds to the bases what is borrowed for credit: the credits that stay are levelled from above. */
    private void lend(double pool, Siblings children, int[] member, int size) {
        double credits = 0;
        for (int k = 0; k < size; k++) {
            most[k] = Math.max(0, children.spendable[member[k]]);
            least[k] = most[k] - Math.min(most[k], high[k] - base[k]);
            credits += most[k];
        }
        double[] stay = share(credits - pool, size);
        double borrowed = 0;
        for (int k = 0; k < size; k++) {
            stay[k] = most[k] - stay[k];
            borrowed += stay[k];
        }
        double rounding = borrowed > pool ? pool / borrowed : 1;
        for (int k = 0; k < size; k++) {
            base[k] = Math.min(high[k], base[k] + stay[k] * rounding);
        }
    }

    private double[] share(double stays, int size) {
        WaterLevel.fill(stays, one, least, most, least, size);
        return least;
    }
}
