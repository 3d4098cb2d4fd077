package io.aliquot.controller.lease;

import java.time.Duration;
import java.util.Optional;

/**
 * Who holds the lease after the records up to some offset. It depends on those records and their stamps alone, so everyone who
 * read up to the same offset agrees; one who began in the middle does so from the holder's next heartbeat on. Immutable.
 *
 * @param holder nobody at first, and after a resignation
 * @param changedAt offset of the claim or the resignation that made it so, -1 before the first
 * @param sinceMs when the holder's last record was appended, milliseconds by the broker's clock; meaningless without a holder
 */
public record Lease(Optional<Holder> holder, long changedAt, long sinceMs) {
    /** Before the first record. */
    public static final Lease NONE = new Lease(Optional.empty(), -1, 0);

    /**
     * The active controller.
     *
     * @param instance one start of a controller
     * @param term offset of its claim
     * @param name for people
     */
    public record Holder(String instance, long term, String name) {}

    /**
     * The lease after one more record.
     *
     * @param offset of the record
     * @param appendedAtMs when the broker appended it
     */
    public Lease after(long offset, long appendedAtMs, LeaseEntry entry, Duration expiry) {
        return switch (entry) {
            case LeaseEntry.Claim claim -> claimed(offset, appendedAtMs, claim, expiry);
            case LeaseEntry.Heartbeat heartbeat -> heard(offset, appendedAtMs, heartbeat);
            case LeaseEntry.Resignation gone ->
                holds(gone.instance(), gone.term()) ? new Lease(Optional.empty(), offset, 0) : this;
        };
    }

    /** Whether this instance holds it with this term. */
    public boolean holds(String instance, long term) {
        return holder.isPresent()
                && holder.get().term() == term
                && holder.get().instance().equals(instance);
    }

    private Lease claimed(long offset, long appendedAtMs, LeaseEntry.Claim claim, Duration expiry) {
        if (holder.isEmpty() || appendedAtMs - sinceMs >= expiry.toMillis()) {
            return new Lease(Optional.of(new Holder(claim.instance(), offset, claim.holder())), offset, appendedAtMs);
        }
        // A broker's clock that was set back must not make the lease last for as much longer.
        return new Lease(holder, changedAt, Math.min(sinceMs, appendedAtMs));
    }

    /**
     * Who has read what this reader took for a change, and goes on, knows that it was none: this reader began in the middle, and
     * did not know who held the lease. To one who read all, it never happens.
     */
    private Lease heard(long offset, long appendedAtMs, LeaseEntry.Heartbeat heartbeat) {
        if (holds(heartbeat.instance(), heartbeat.term())) {
            return new Lease(holder, changedAt, appendedAtMs);
        }
        if (heartbeat.seen() >= changedAt && heartbeat.seen() < offset) {
            Holder found = new Holder(heartbeat.instance(), heartbeat.term(), heartbeat.holder());
            return new Lease(Optional.of(found), found.term(), appendedAtMs);
        }
        return this;
    }
}
