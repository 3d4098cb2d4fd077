package io.aliquot.controller.replay;

import java.util.OptionalDouble;

/** Jain's fairness index (Jain, Chiu and Hawe, 1984). Pure. */
final class Fairness {
    private Fairness() {}

    /**
     * (Σ x)² / (n·Σ x²): 1 when all are equal, 1/n when one has all.
     *
     * @param x 0 or more each
     * @return empty when there are none, or all are 0
     */
    static OptionalDouble jain(double[] x) {
        double sum = 0;
        double squares = 0;
        for (double value : x) {
            sum += value;
            squares += value * value;
        }
        return squares > 0 ? OptionalDouble.of(sum * sum / (x.length * squares)) : OptionalDouble.empty();
    }
}
