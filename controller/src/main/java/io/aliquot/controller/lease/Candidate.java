package io.aliquot.controller.lease;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one controller does about the lease: what it sends, and for how long it is the active one. It acts only until its last
 * accepted heartbeat is older, by its own clock and from when it was sent, than the expiry less the margin; a heartbeat is
 * accepted when it was read back and the lease was still its own there. So whoever wins next does so after this one has stopped.
 * Then the term is given up: a later one starts a new count of decisions. Time is an argument; one thread.
 */
public final class Candidate {
    private static final long NO_TERM = -1;

    private final String instance;
    private final String name;
    private final LeaseTiming timing;
    private final SortedMap<Long, Long> sentNs = new TreeMap<>();
    private Lease lease = Lease.NONE;
    private long number;
    private long seen = -1;
    /** Of the claim that holds the lease; stays until the log says that it is over, also when it was given up. */
    private long term = NO_TERM;

    private long claimedAtMs;
    private boolean givenUp;
    private boolean mustResign;
    private long untilNs;
    private long heardNs;
    private long lastSentNs;
    private long claimUnderWay;
    private boolean claimed;
    private boolean answered;
    private boolean metAnother;

    /**
     * @param instance unique to this start of the controller
     * @param name for people
     */
    public Candidate(String instance, String name, LeaseTiming timing) {
        this.instance = instance;
        this.name = name;
        this.timing = timing;
    }

    /** Takes the next record of the lease topic. */
    public void read(long offset, long appendedAtMs, LeaseEntry entry, long nowNs) {
        lease = lease.after(offset, appendedAtMs, entry, timing.expiry());
        seen = offset;
        if (ofHolder(offset, entry)) {
            heardNs = nowNs;
            metAnother |= answered && !entry.instance().equals(instance);
        }
        if (entry.instance().equals(instance)) {
            own(offset, appendedAtMs, entry, nowNs);
        }
        if (term != NO_TERM && !lease.holds(instance, term)) {
            term = NO_TERM;
            mustResign = false;
        }
    }

    /** What is to be sent now; each counts as sent. To be called once all older records were read, until it is empty. */
    public Optional<LeaseEntry> due(long nowNs) {
        if (active() && nowNs - untilNs >= 0) {
            giveUp(term);
        }
        if (mustResign) {
            mustResign = false;
            return Optional.of(new LeaseEntry.Resignation(instance, sent(nowNs), term));
        }
        boolean pauseIsOver =
                !claimed || nowNs - lastSentNs >= timing.heartbeat().toNanos();
        if (!pauseIsOver) {
            return Optional.empty();
        }
        if (active()) {
            return Optional.of(new LeaseEntry.Heartbeat(instance, sent(nowNs), term, seen, name));
        }
        if (!mayClaim(nowNs)) {
            return Optional.empty();
        }
        claimed = true;
        claimUnderWay = sent(nowNs);
        return Optional.of(new LeaseEntry.Claim(instance, claimUnderWay, name));
    }

    /** What was sent will not be appended. */
    public void failed(LeaseEntry entry) {
        sentNs.remove(entry.number());
        if (entry.number() == claimUnderWay) {
            claimUnderWay = 0;
        }
    }

    /** Stops being the active controller of a term; nothing when it is not. */
    public void giveUp(long ofTerm) {
        if (active() && term == ofTerm) {
            givenUp = true;
            mustResign = true;
        }
    }

    public Standing standing() {
        return new Standing(
                active() ? OptionalLong.of(term) : OptionalLong.empty(),
                claimedAtMs,
                untilNs,
                lease.holder().map(Lease.Holder::name),
                active() || metAnother);
    }

    private boolean active() {
        return term != NO_TERM && !givenUp;
    }

    private void own(long offset, long appendedAtMs, LeaseEntry entry, long nowNs) {
        Long sent = sentNs.remove(entry.number());
        long validUntilNs = (sent == null ? nowNs - timing.expiry().toNanos() : sent)
                + timing.validity().toNanos();
        switch (entry) {
            case LeaseEntry.Claim claim -> {
                answered = true;
                if (claim.number() == claimUnderWay) {
                    claimUnderWay = 0;
                }
                if (lease.holds(instance, offset)) {
                    term = offset;
                    claimedAtMs = appendedAtMs;
                    givenUp = false;
                    untilNs = validUntilNs;
                }
            }
            case LeaseEntry.Heartbeat heartbeat -> {
                if (heartbeat.term() == term && lease.holds(instance, term)) {
                    untilNs = validUntilNs;
                }
            }
            case LeaseEntry.Resignation gone -> {
                // The rule has seen to it.
            }
        }
    }

    /** The first claim goes out in any case: a lease that ran out long ago looks, before any time has passed here, like any other. */
    private boolean mayClaim(long nowNs) {
        boolean underWay =
                claimUnderWay != 0 && nowNs - lastSentNs < timing.expiry().toNanos();
        boolean silent = nowNs - heardNs >= timing.expiry().toNanos();
        return !underWay && (!claimed || lease.holder().isEmpty() || silent);
    }

    /** Whether this record was accepted as its holder's. */
    private boolean ofHolder(long offset, LeaseEntry entry) {
        return switch (entry) {
            case LeaseEntry.Claim claim -> lease.holds(claim.instance(), offset);
            case LeaseEntry.Heartbeat heartbeat -> lease.holds(heartbeat.instance(), heartbeat.term());
            case LeaseEntry.Resignation gone -> false;
        };
    }

    private long sent(long nowNs) {
        number++;
        lastSentNs = nowNs;
        sentNs.put(number, nowNs);
        sentNs.headMap(number - 64).clear(); // long lost
        return number;
    }
}
