package io.aliquot.controller.account;

import java.util.stream.LongStream;

/**
 * One tenant on one GPU in one hour, or in a part of it. Immutable.
 *
 * @param usedNs GPU time used
 * @param guaranteedNs its fair part of the time that the GPU was watched
 * @param lentNs what it left of its fair part and others used
 * @param borrowedNs what it used beyond its fair part
 * @param waitingNs time in which at least one of its launches was held back
 */
public record TenantTime(
        long usedNs, long guaranteedNs, long lentNs, long borrowedNs, long waitingNs, ByteTime memory) {
    /** Nothing. */
    public static final TenantTime NONE = new TenantTime(0, 0, 0, 0, 0, ByteTime.NONE);

    /** @throws IllegalArgumentException when a time is below 0 */
    public TenantTime {
        if (LongStream.of(usedNs, guaranteedNs, lentNs, borrowedNs, waitingNs).anyMatch(ns -> ns < 0)) {
            throw new IllegalArgumentException("times of a tenant: expected 0 or more each, not used " + usedNs
                    + ", guaranteed " + guaranteedNs + ", lent " + lentNs + ", borrowed " + borrowedNs + ", waiting "
                    + waitingNs + " ns");
        }
    }

    TenantTime plus(TenantTime other) {
        return new TenantTime(
                Math.addExact(usedNs, other.usedNs),
                Math.addExact(guaranteedNs, other.guaranteedNs),
                Math.addExact(lentNs, other.lentNs),
                Math.addExact(borrowedNs, other.borrowedNs),
                Math.addExact(waitingNs, other.waitingNs),
                memory.plus(other.memory));
    }
}
