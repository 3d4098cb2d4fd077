package io.aliquot.controller.fairshare;

import io.aliquot.schema.ServiceClass;

/**
 * Shares what one parent has out among its children. Floors come first; when they can't all be met, those of higher priority
 * classes do, and those of the class for which not enough is left are met in proportion to the floors. What is left above
 * the floors goes by priority class, where {@link #RESERVE} of it is kept for each class from those above it, as far as it
 * wants it, and in a class by weighted max-min ({@link WaterLevel}) up to the ceilings. Only what then is left lifts soft
 * ceilings, in the same way. Nothing is left over that a child wants and may have. Not for two threads at once; keeps
 * nothing from call to call.
 */
final class SiblingSplit {
    /** Part of what is left above the floors that is kept for each class from those above it, as far as it wants it. */
    static final double RESERVE = 0.05;

    private static final int CLASSES = ServiceClass.values().length;

    private final int[] member;
    private final double[] weight;
    private final double[] low;
    private final double[] high;
    private final double[] share;
    private final CreditSplit credit;

    SiblingSplit(int most) {
        member = new int[most];
        weight = new double[most];
        low = new double[most];
        high = new double[most];
        share = new double[most];
        credit = new CreditSplit(most);
    }

    /** Fills {@link Siblings#share}. */
    void split(double budget, Siblings children) {
        if (children.floorsExceed(budget)) {
            meetSomeFloors(budget, children);
        } else if (budget <= children.sum(children.capped)) {
            fillByClass(budget, children, children.low, children.capped, true);
        } else {
            fillByClass(budget, children, children.capped, children.wanted, false);
        }
    }

    private void meetSomeFloors(double budget, Siblings children) {
        double left = budget;
        for (int priority = 0; priority < CLASSES; priority++) {
            int size = 0;
            double given = 0;
            for (int i = 0; i < children.size; i++) {
                if (children.priority[i] == priority) {
                    member[size] = i;
                    weight[size] = Math.max(children.floor[i], Double.MIN_NORMAL);
                    low[size] = 0;
                    high[size++] = children.low[i];
                }
            }
            WaterLevel.fill(left, weight, low, high, share, size);
            for (int k = 0; k < size; k++) {
                children.share[member[k]] = share[k];
                given += share[k];
            }
            left = Math.max(0, left - given);
        }
    }

    private void fillByClass(double budget, Siblings children, double[] lows, double[] highs, boolean byCredit) {
        double surplus = Math.max(0, budget - children.sum(lows));
        double left = surplus;
        for (int priority = 0; priority < CLASSES; priority++) {
            int size = 0;
            double owed = 0;
            double wants = 0;
            for (int i = 0; i < children.size; i++) {
                if (children.priority[i] == priority) {
                    member[size] = i;
                    weight[size] = children.weight[i];
                    low[size] = lows[i];
                    high[size++] = highs[i];
                    owed += lows[i];
                    wants += highs[i] - lows[i];
                }
            }
            double given = Math.clamp(left - reserved(RESERVE * surplus, priority, children, lows, highs), 0, wants);
            left = Math.max(0, left - given);
            if (!(byCredit && credit.split(owed + given, children, member, size, share))) {
                WaterLevel.fill(owed + given, weight, low, high, share, size);
            }
            for (int k = 0; k < size; k++) {
                children.share[member[k]] = share[k];
            }
        }
    }

    /** What is kept for the classes below one. */
    private static double reserved(double part, int priority, Siblings children, double[] lows, double[] highs) {
        double kept = 0;
        for (int below = priority + 1; below < CLASSES; below++) {
            double wants = 0;
            for (int i = 0; i < children.size; i++) {
                wants += children.priority[i] == below ? highs[i] - lows[i] : 0;
            }
            kept += Math.min(part, wants);
        }
        return kept;
    }
}
