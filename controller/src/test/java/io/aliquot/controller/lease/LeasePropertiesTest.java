package io.aliquot.controller.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Candidates that are paused, cut off, late and killed, over one log. */
class LeasePropertiesTest {
    private static final int STEPS = 1500; // about 45 s

    @Property(tries = 200)
    void atMostOneActsAtAnyTimeAndTermsNeverComeBack(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int candidates) {
        LeaseWorld world = new LeaseWorld(seed, candidates);
        Set<Long> terms = new HashSet<>();
        long highest = -1;
        for (int i = 0; i < STEPS; i++) {
            world.step();
            List<Long> active = world.activeTerms();
            assertThat(active).as("at %s", world.nowMs).hasSizeLessThanOrEqualTo(1);
            for (long term : active) {
                assertThat(term).isGreaterThanOrEqualTo(highest);
                highest = term;
                terms.add(term);
            }
        }
        assertThat(terms).isNotEmpty();
    }

    @Property(tries = 100)
    void onlyAClaimAfterTheExpiryOrAResignationUnseatsAHolder(@ForAll long seed) {
        LeaseWorld world = stirred(seed);
        Lease before = Lease.NONE;
        long lastHeardMs = 0;
        List<Lease> leases = world.leases(0);
        for (int offset = 0; offset < leases.size(); offset++) {
            Lease after = leases.get(offset);
            LeaseWorld.Appended record = world.log.get(offset);
            if (!after.holder().equals(before.holder())) {
                if (after.holder().isPresent()) {
                    assertThat(record.entry()).isInstanceOf(LeaseEntry.Claim.class);
                    assertThat(after.holder().get().term()).isEqualTo(offset);
                    assertThat(before.holder().isEmpty()
                                    || record.atMs() - lastHeardMs
                                            >= LeaseWorld.TIMING.expiry().toMillis())
                            .isTrue();
                } else {
                    assertThat(record.entry()).isInstanceOf(LeaseEntry.Resignation.class);
                    assertThat(before.holds(
                                    record.entry().instance(),
                                    before.holder().orElseThrow().term()))
                            .isTrue();
                }
            }
            boolean heard = switch (record.entry()) {
                case LeaseEntry.Claim claim -> after.holds(claim.instance(), offset);
                case LeaseEntry.Heartbeat beat -> after.holds(beat.instance(), beat.term());
                case LeaseEntry.Resignation gone -> false;
            };
            lastHeardMs = heard ? record.atMs() : lastHeardMs;
            before = after;
        }
    }

    @Property(tries = 100)
    void aReaderThatBeganInTheMiddleAgreesFromTheHoldersNextHeartbeatOn(@ForAll long seed) {
        LeaseWorld world = stirred(seed);
        List<Lease> all = world.leases(0);
        int from = (int) Long.remainderUnsigned(seed, all.size());
        List<Lease> late = world.leases(from);
        boolean agrees = false;
        long lastChange = from;
        for (int i = 0; i < late.size(); i++) {
            Lease right = all.get(from + i);
            LeaseEntry entry = world.log.get(from + i).entry();
            agrees |= entry instanceof LeaseEntry.Heartbeat beat
                    && right.holds(beat.instance(), beat.term())
                    && beat.seen() >= lastChange;
            lastChange = entry instanceof LeaseEntry.Heartbeat ? lastChange : from + i;
            if (agrees) {
                assertThat(late.get(i)).isEqualTo(right);
            }
        }
    }

    @Property(tries = 100)
    void whoHoldsItKeepsItWhileNothingIsWrong(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int candidates) {
        LeaseWorld world = new LeaseWorld(seed, candidates);
        List<Long> terms = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            world.calmStep();
            terms.addAll(world.activeTerms());
        }
        assertThat(terms).hasSizeGreaterThan(990).containsOnly(terms.getFirst());
    }

    @Property(tries = 100)
    void afterADeathAnotherIsActiveWithinThreeSeconds(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 4) int candidates) {
        LeaseWorld world = stirred(seed, candidates);
        for (int i = 0; i < 600; i++) {
            world.calmStep(); // everybody is back
        }
        LeaseWorld.Actor first = world.active().getFirst();
        long firstTerm = first.term().orElseThrow();
        first.dead = true;
        long diedMs = world.nowMs;
        while (world.active().isEmpty()) {
            world.calmStep();
            assertThat(world.nowMs - diedMs).isLessThan(3000);
        }
        assertThat(world.activeTerms().getFirst()).isGreaterThan(firstTerm);
        assertThat(world.nowMs - diedMs).isGreaterThanOrEqualTo(1500);
    }

    @Property(tries = 100)
    void afterAResignationAnotherIsActiveAtOnce(@ForAll long seed, @ForAll @IntRange(min = 2, max = 4) int candidates) {
        LeaseWorld world = new LeaseWorld(seed, candidates);
        for (int i = 0; i < 200; i++) {
            world.calmStep();
        }
        LeaseWorld.Actor first = world.active().getFirst();
        first.candidate.giveUp(first.term().orElseThrow());
        assertThat(first.term()).isEmpty();
        world.calmStep();
        first.dead = true;
        long goneMs = world.nowMs;
        while (world.active().isEmpty()) {
            world.calmStep();
            assertThat(world.nowMs - goneMs).isLessThan(200);
        }
    }

    private static LeaseWorld stirred(long seed) {
        return stirred(seed, 3);
    }

    private static LeaseWorld stirred(long seed, int candidates) {
        LeaseWorld world = new LeaseWorld(seed, candidates);
        for (int i = 0; i < STEPS; i++) {
            world.step();
        }
        return world;
    }
}
