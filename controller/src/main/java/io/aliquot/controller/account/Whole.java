package io.aliquot.controller.account;

import java.math.BigInteger;
import java.util.Arrays;

/** Divides whole numbers so that nothing is lost and nothing is added. Pure. */
final class Whole {
    private Whole() {}

    /**
     * Each part times {@code numerator / denominator}, rounded so that the results sum to the rounded-down sum: a part is off
     * by less than 1. When the ratio is at most 1, no result is above its part.
     *
     * @param parts 0 or more each
     * @param numerator 0 or more
     * @param denominator above 0
     */
    static long[] scaled(long[] parts, long numerator, long denominator) {
        long[] scaled = new long[parts.length];
        long sum = 0;
        long before = 0;
        for (int i = 0; i < parts.length; i++) {
            sum = Math.addExact(sum, parts[i]);
            long cut = timesOver(sum, numerator, denominator);
            scaled[i] = cut - before;
            before = cut;
        }
        return scaled;
    }

    private static long timesOver(long value, long numerator, long denominator) {
        long product = value * numerator;
        return product >= 0 && Math.multiplyHigh(value, numerator) == 0
                ? product / denominator
                : BigInteger.valueOf(value)
                        .multiply(BigInteger.valueOf(numerator))
                        .divide(BigInteger.valueOf(denominator))
                        .longValueExact();
    }

    /** Scaled down in proportion so that they sum to {@code most}; as they are when they don't sum to more. */
    static long[] atMost(long[] parts, long most) {
        long sum = Arrays.stream(parts).sum();
        return sum <= most ? parts.clone() : scaled(parts, most, sum);
    }
}
