package io.aliquot.controller.placement;

import java.util.Locale;

/** Collects how far tenants' totals are from the exact ones, as parts of these. */
final class Errors {
    private double sum;
    private double worst;
    private int tenants;

    void add(Placement placement) {
        add(placement, new ExactPlacement().solve(placement.problem()));
    }

    void add(Placement placement, Placement exact) {
        for (int i = 0; i < placement.problem().tenants(); i++) {
            if (exact.total(i) > 1e-9) {
                double error = Math.abs(placement.total(i) - exact.total(i)) / exact.total(i);
                sum += error;
                worst = Math.max(worst, error);
                tenants++;
            }
        }
    }

    double mean() {
        return sum / tenants;
    }

    double worst() {
        return worst;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "mean %.4f %%, worst %.3f %%, %d tenants", 100 * mean(), 100 * worst, tenants);
    }
}
