package io.aliquot.controller.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Candidates and one lease topic, with a clock of its own. Each may be paused, be away from the broker, have its records lost or
 * late, read late, or die; each has a clock that starts anywhere.
 */
final class LeaseWorld {
    static final LeaseTiming TIMING = LeaseTiming.STANDARD;
    private static final long MS = 1_000_000;

    private final Random random;
    final List<Appended> log = new ArrayList<>();
    final List<Actor> actors = new ArrayList<>();
    private final List<Sent> underWay = new ArrayList<>();
    long nowMs = 1_000_000;

    record Appended(long atMs, LeaseEntry entry) {}

    private record Sent(LeaseEntry entry, long arrivesMs) {}

    /** One controller. */
    final class Actor {
        final String name;
        final long clockOffsetNs = random.nextLong(); // nanoTime may be anything
        Candidate candidate;
        int read;
        long pausedUntilMs;
        boolean dead;

        Actor(String name) {
            this.name = name;
            this.candidate = new Candidate(name, name, TIMING);
        }

        long nowNs() {
            return nowMs * MS + clockOffsetNs;
        }

        /** The term that it may act under now. */
        OptionalLong term() {
            Standing standing = candidate.standing();
            return dead
                    ? OptionalLong.empty()
                    : standing.term().stream()
                            .filter(t -> standing.holds(t, nowNs()))
                            .findFirst();
        }

        /** Reads all, and sends what is due. */
        private void act() {
            for (; read < log.size(); read++) {
                candidate.read(read, log.get(read).atMs, log.get(read).entry, nowNs());
            }
            for (var due = candidate.due(nowNs()); due.isPresent(); due = candidate.due(nowNs())) {
                send(due.get());
            }
        }

        private void send(LeaseEntry entry) {
            int fate = random.nextInt(20);
            if (fate == 0) {
                return; // lost, and nobody is told
            }
            if (fate == 1) {
                candidate.failed(entry);
                if (random.nextBoolean()) {
                    return; // otherwise it comes late
                }
            }
            long delayMs = fate < 4 ? random.nextInt(4000) : random.nextInt(20);
            underWay.add(new Sent(entry, nowMs + delayMs));
        }
    }

    LeaseWorld(long seed, int candidates) {
        this.random = new Random(seed);
        for (int i = 0; i < candidates; i++) {
            actors.add(new Actor("c" + i));
        }
    }

    /** Some milliseconds, in which anything may happen. */
    void step() {
        nowMs += 1 + random.nextInt(60);
        underWay.removeIf(sent -> {
            boolean arrived = sent.arrivesMs <= nowMs;
            if (arrived) {
                log.add(new Appended(nowMs, sent.entry));
            }
            return arrived;
        });
        for (Actor actor : actors) {
            if (actor.dead || actor.pausedUntilMs > nowMs) {
                continue;
            }
            if (random.nextInt(200) == 0) {
                actor.pausedUntilMs = nowMs + random.nextInt(6000);
            } else {
                actor.act();
            }
        }
    }

    /** Everybody lives and nothing is late. */
    void calmStep() {
        nowMs += 10;
        for (Actor actor : actors) {
            if (!actor.dead) {
                for (; actor.read < log.size(); actor.read++) {
                    Appended next = log.get(actor.read);
                    actor.candidate.read(actor.read, next.atMs, next.entry, actor.nowNs());
                }
                for (var due = actor.candidate.due(actor.nowNs());
                        due.isPresent();
                        due = actor.candidate.due(actor.nowNs())) {
                    log.add(new Appended(nowMs, due.get()));
                }
            }
        }
    }

    List<Long> activeTerms() {
        return actors.stream().flatMap(actor -> actor.term().stream().boxed()).toList();
    }

    List<Actor> active() {
        return actors.stream().filter(actor -> actor.term().isPresent()).toList();
    }

    /** @return the lease after each record, as one who read all of them has it */
    List<Lease> leases(int from) {
        List<Lease> all = new ArrayList<>();
        Lease lease = Lease.NONE;
        for (int offset = from; offset < log.size(); offset++) {
            lease = lease.after(offset, log.get(offset).atMs, log.get(offset).entry, TIMING.expiry());
            all.add(lease);
        }
        return all;
    }
}
