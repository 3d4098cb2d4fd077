package io.aliquot.controller.lease;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a candidate stands. Immutable.
 *
 * @param term of this candidate while it is the active controller
 * @param claimedAtMs when the broker appended the claim of that term, by its clock; meaningless without a term
 * @param untilNs when that ends unless a later heartbeat is accepted, {@link System#nanoTime()}; meaningless without a term
 * @param holder name of who holds the lease, as far as is known
 * @param settled it is active, or has heard of the one that is
 */
public record Standing(OptionalLong term, long claimedAtMs, long untilNs, Optional<String> holder, boolean settled) {
    /** Before anything was read. */
    public static final Standing UNKNOWN = new Standing(OptionalLong.empty(), 0, 0, Optional.empty(), false);

    /** Whether this candidate may act at this time as the active controller of this term. */
    public boolean holds(long ofTerm, long nowNs) {
        return term.isPresent() && term.getAsLong() == ofTerm && nowNs - untilNs < 0;
    }
}
