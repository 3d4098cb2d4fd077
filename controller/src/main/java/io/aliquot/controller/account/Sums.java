package io.aliquot.controller.account;

import java.math.BigInteger;

/**
 * Sums over any number of GPUs and hours, exact: a year of some hundred GPUs is more nanoseconds than a long can hold. Immutable.
 *
 * @param usedNs GPU time used
 * @param idleNs GPU time that no tenant used; 0 in a row of a tenant or team
 * @param unobservedNs GPU time that no telemetry covers; 0 in a row of a tenant or team
 * @param memoryByteMicros millionths of a byte-second
 */
public record Sums(
        BigInteger usedNs,
        BigInteger guaranteedNs,
        BigInteger lentNs,
        BigInteger borrowedNs,
        BigInteger waitingNs,
        BigInteger memoryByteMicros,
        BigInteger idleNs,
        BigInteger unobservedNs) {
    private static final BigInteger ZERO = BigInteger.ZERO;

    /** Nothing. */
    public static final Sums NONE = new Sums(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO);

    static Sums of(TenantTime time) {
        return new Sums(
                BigInteger.valueOf(time.usedNs()),
                BigInteger.valueOf(time.guaranteedNs()),
                BigInteger.valueOf(time.lentNs()),
                BigInteger.valueOf(time.borrowedNs()),
                BigInteger.valueOf(time.waitingNs()),
                time.memory().byteMicros(),
                ZERO,
                ZERO);
    }

    /** Of a GPU without its tenants. */
    static Sums ofIdle(GpuTime time) {
        return new Sums(
                ZERO,
                ZERO,
                ZERO,
                ZERO,
                ZERO,
                ZERO,
                BigInteger.valueOf(time.idleNs()),
                BigInteger.valueOf(time.unobservedNs()));
    }

    Sums plus(Sums other) {
        return new Sums(
                usedNs.add(other.usedNs),
                guaranteedNs.add(other.guaranteedNs),
                lentNs.add(other.lentNs),
                borrowedNs.add(other.borrowedNs),
                waitingNs.add(other.waitingNs),
                memoryByteMicros.add(other.memoryByteMicros),
                idleNs.add(other.idleNs),
                unobservedNs.add(other.unobservedNs));
    }
}
