package io.aliquot.controller.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rule, record by record. */
class LeaseTest {
    private static final Duration EXPIRY = Duration.ofSeconds(2);

    private Lease lease = Lease.NONE;

    @Test
    void theFirstClaimOfAFreeLeaseWinsAndItsOffsetIsTheTerm() {
        claim(7, 1000, "a");
        assertHeld("a", 7);
        claim(8, 1000, "b");
        assertHeld("a", 7);
    }

    @Test
    void aHeartbeatProlongsToTheMillisecond() {
        claim(0, 1000, "a");
        beat(1, 1500, "a", 0);
        claim(2, 3499, "b");
        assertHeld("a", 0);
        claim(3, 3500, "b");
        assertHeld("b", 3);
    }

    @Test
    void aLosingClaimProlongsNothing() {
        claim(0, 1000, "a");
        claim(1, 2999, "b");
        claim(2, 3000, "c");
        assertHeld("c", 2);
    }

    @Test
    void aHeartbeatOfAnOlderHolderChangesNothing() {
        claim(0, 0, "a");
        claim(1, 2000, "b");
        beat(2, 3999, "a", 0);
        assertHeld("b", 1);
        claim(3, 4000, "c");
        assertHeld("c", 3);
    }

    @Test
    void whoWasLateIsStillTheHolderWhenNobodyElseClaimed() {
        claim(0, 0, "a");
        beat(1, 9000, "a", 0);
        claim(2, 10_999, "b");
        assertHeld("a", 0);
    }

    @Test
    void aResignationFreesItAtOnceAndOnlyTheHoldersOwn() {
        claim(0, 0, "a");
        resign(1, 10, "b", 0);
        resign(2, 10, "a", 1);
        assertHeld("a", 0);
        resign(3, 10, "a", 0);
        assertThat(lease.holder()).isEmpty();
        beat(4, 11, "a", 0);
        assertThat(lease.holder()).isEmpty();
        claim(5, 11, "b");
        assertHeld("b", 5);
    }

    @Test
    void aReaderThatBeganInTheMiddleTakesWhoeverHasReadWhatItHas() {
        claim(100, 0, "b"); // who knows whether it won
        assertHeld("b", 100);
        beat(101, 10, "a", 50, 99);
        assertHeld("b", 100);
        beat(102, 510, "a", 50, 101); // it has read the claim, and goes on: the claim was lost
        assertHeld("a", 50);
        beat(103, 511, "c", 20, 49);
        assertHeld("a", 50);
    }

    @Test
    void aTermThatCantBeIsNotTaken() {
        claim(3, 0, "a");
        beat(4, 1, "b", 4, 4);
        beat(5, 1, "b", 7, Long.MAX_VALUE);
        assertHeld("a", 3);
    }

    @Test
    void aClockThatWasSetBackMakesTheLeaseLastOneMoreExpiryAtMost() {
        claim(0, 3_600_000, "a");
        claim(1, 0, "b");
        assertHeld("a", 0);
        claim(2, 1999, "b");
        assertHeld("a", 0);
        claim(3, 2000, "b");
        assertHeld("b", 3);
    }

    @Test
    void namesWhatIsWrongWithAnEntry() {
        assertThatThrownBy(() -> new LeaseEntry.Claim(" ", 1, "x"))
                .hasMessage("instance of 1 characters: expected 1 to 255, and not all blank");
        assertThatThrownBy(() -> new LeaseEntry.Heartbeat("a", 1, -1, 0, "x"))
                .hasMessage("term -1: expected 0 or more");
        assertThatThrownBy(() -> new LeaseTiming(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMillis(1)))
                .hasMessageStartingWith("heartbeat PT2S: expected less than the expiry PT2S");
    }

    private void claim(long offset, long atMs, String instance) {
        lease = lease.after(offset, atMs, new LeaseEntry.Claim(instance, 1, "name-" + instance), EXPIRY);
    }

    private void beat(long offset, long atMs, String instance, long term) {
        beat(offset, atMs, instance, term, term);
    }

    private void beat(long offset, long atMs, String instance, long term, long seen) {
        LeaseEntry beat = new LeaseEntry.Heartbeat(instance, 1, term, seen, "name-" + instance);
        lease = lease.after(offset, atMs, beat, EXPIRY);
    }

    private void resign(long offset, long atMs, String instance, long term) {
        lease = lease.after(offset, atMs, new LeaseEntry.Resignation(instance, 1, term), EXPIRY);
    }

    private void assertHeld(String instance, long term) {
        assertThat(lease.holder()).isEqualTo(Optional.of(new Lease.Holder(instance, term, "name-" + instance)));
        assertThat(lease.holds(instance, term)).isTrue();
    }
}
