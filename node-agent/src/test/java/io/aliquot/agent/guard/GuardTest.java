package io.aliquot.agent.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.schema.ServiceClass;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GuardTest {
    private static final long S = 1_000_000_000L;
    private static final Guard GUARD = new Guard("n1", Set.of("GPU-a"), Guard.STATIC_AFTER);

    @Test
    void takesTheFirstDecision() {
        Decision first = decision("n1", "GPU-a", "L", 3, 1);

        assertThat(GUARD.offer(new GuardState.Empty(), first, 5))
                .isEqualTo(new Verdict.Accepted(new GuardState.Fresh(first, 5)));
    }

    @Test
    void refusesAnotherNodesDecisionAndNamesIt() {
        assertThat(refusal(new GuardState.Empty(), decision("n2", "GPU-a", "L", 3, 1)))
                .isEqualTo(Verdict.Why.OTHER_NODE);
        assertThat(GUARD.offer(new GuardState.Empty(), decision("n2", "GPU-a", "L", 3, 1), 0))
                .asString()
                .contains("n2")
                .contains("n1");
    }

    @Test
    void refusesAGpuThatTheNodeHasNot() {
        assertThat(refusal(new GuardState.Empty(), decision("n1", "GPU-b", "L", 3, 1)))
                .isEqualTo(Verdict.Why.UNKNOWN_GPU);
    }

    @Test
    void refusesALowerTermAndALowerSequence() {
        GuardState state = new GuardState.Held(decision("n1", "GPU-a", "L", 3, 5), 0);

        assertThat(refusal(state, decision("n1", "GPU-a", "L", 2, 9))).isEqualTo(Verdict.Why.STALE_FENCE);
        assertThat(refusal(state, decision("n1", "GPU-a", "L", 3, 4))).isEqualTo(Verdict.Why.STALE_FENCE);
        assertThat(refusal(state, decision("n1", "GPU-a", "L", 3, 5))).isEqualTo(Verdict.Why.REPEATED);
    }

    @Test
    void startsANewOrderWithANewLeaseTopic() {
        GuardState state = new GuardState.Fresh(decision("n1", "GPU-a", "L", 900, 5), 0);

        assertThat(GUARD.offer(state, decision("n1", "GPU-a", "M", 0, 1), 1)).isInstanceOf(Verdict.Accepted.class);
    }

    /** Found by the simulation: an old controller that went on after a pause took a node back, for ever. */
    @Test
    void neverGoesBackToAnOlderLeaseTopic() {
        GuardState second = new GuardState.Fresh(claimed(decision("n1", "GPU-a", "M", 0, 1), 2000), 0);

        Decision older = claimed(decision("n1", "GPU-a", "L", 900, 6), 1999);
        assertThat(refusal(second, older)).isEqualTo(Verdict.Why.STALE_FENCE);
        assertThat(refusal(new GuardState.Held(second.last().orElseThrow(), 0), older))
                .isEqualTo(Verdict.Why.STALE_FENCE);
        assertThat(GUARD.offer(second, claimed(decision("n1", "GPU-a", "N", 0, 1), 2001), 1))
                .isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void takesAnotherLeaseTopicAfterLongSilenceWhateverTheBrokersClockSaid() {
        Decision ahead = claimed(decision("n1", "GPU-a", "M", 5, 1), 9000);
        GuardState silent = new GuardState.Static(ahead, 0);

        assertThat(GUARD.offer(silent, claimed(decision("n1", "GPU-a", "N", 0, 1), 10), 1))
                .isInstanceOf(Verdict.Accepted.class);
        assertThat(refusal(silent, claimed(decision("n1", "GPU-a", "M", 4, 9), 8000)))
                .isEqualTo(Verdict.Why.STALE_FENCE);
    }

    @Test
    void climbsDownFromFreshToHeldToStatic() {
        Decision decision = decision("n1", "GPU-a", "L", 3, 5);
        GuardState fresh = new GuardState.Fresh(decision, 0);

        assertThat(GUARD.tick(fresh, 10 * S)).isEmpty();
        Guard.Change held = GUARD.tick(fresh, 10 * S + 1).orElseThrow();
        assertThat(held.next()).isInstanceOf(GuardState.Held.class);
        assertThat(held.apply()).isEmpty();
        assertThat(GUARD.tick(held.next(), 300 * S)).isEmpty();
        Guard.Change fallback = GUARD.tick(held.next(), 300 * S + 1).orElseThrow();
        assertThat(fallback.next()).isInstanceOf(GuardState.Static.class);
        TenantShare share =
                fallback.apply().orElseThrow().gpus().getFirst().tenants().getFirst();
        assertThat(share)
                .isEqualTo(
                        new TenantShare("a", 125, 100, 800, true, ServiceClass.LATENCY_CRITICAL, 7, 125, 125, 250, 6));
        assertThat(GUARD.tick(fallback.next(), 900 * S)).isEmpty();
    }

    @Test
    void holdsARestoredDecisionAndTakesAHigherOne() {
        Decision decision = decision("n1", "GPU-a", "L", 3, 5);

        GuardState restored = GUARD.restore(decision, 7).orElseThrow();

        assertThat(restored).isEqualTo(new GuardState.Held(decision, 7));
        assertThat(GUARD.offer(restored, decision("n1", "GPU-a", "L", 3, 6), 8)).isInstanceOf(Verdict.Accepted.class);
        assertThat(GUARD.restore(decision("n2", "GPU-a", "L", 3, 5), 7)).isEmpty();
    }

    @Test
    void restoresTheGpusThatAreStillThere() {
        GuardState restored =
                GUARD.restore(decision("n1", "GPU-lost", "L", 3, 5), 7).orElseThrow();

        assertThat(restored.last().orElseThrow().gpus()).isEmpty();
        assertThat(restored.fence()).contains(new FenceStamp("L", 3, 5));
    }

    @Property
    void neverTakesALowerFenceWithinOneOrder(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 99) Integer> fences) {
        GuardState state = new GuardState.Empty();
        for (int fence : fences) {
            Optional<FenceStamp> before = state.fence();
            Verdict verdict = GUARD.offer(state, decision("n1", "GPU-a", "L", fence / 10, fence % 10 + 1), 0);
            if (verdict instanceof Verdict.Accepted(GuardState.Fresh next)) {
                assertThat(before.map(b -> next.decision().fence().compareTo(b) > 0)
                                .orElse(true))
                        .isTrue();
                state = next;
            } else {
                assertThat(before).isPresent();
            }
        }
    }

    @Property
    void onlyEverClimbsDownWithoutANewDecision(@ForAll @LongRange(min = 0, max = 1_000) long seconds) {
        GuardState state = new GuardState.Fresh(decision("n1", "GPU-a", "L", 3, 5), 0);
        for (long now = 0; now <= seconds; now += 7) {
            state = GUARD.tick(state, now * S).map(Guard.Change::next).orElse(state);
            String expected = now <= 10 ? "fresh" : now <= 300 ? "held" : "static";
            assertThat(state.rung()).isEqualTo(expected);
        }
    }

    @Test
    void keepsADecisionAsLongAsItSaysItLives() {
        Decision decision = decision("n1", "GPU-a", "L", 3, 5);
        Guard hasty = new Guard("n1", Set.of("GPU-a"), Duration.ofSeconds(1));

        assertThat(hasty.tick(new GuardState.Fresh(decision, 0), 5 * S)).isEmpty();
    }

    private static Decision claimed(Decision decision, long atMs) {
        FenceStamp stamp = decision.fence();
        return new Decision(
                decision.node(),
                new FenceStamp(stamp.leaseTopicId(), stamp.term(), stamp.sequence(), atMs),
                decision.decidedAtUnixMs(),
                decision.timeToLiveMs(),
                decision.gpus());
    }

    private static Verdict.Why refusal(GuardState state, Decision decision) {
        return ((Verdict.Refused) GUARD.offer(state, decision, 0)).why();
    }

    private static Decision decision(String node, String gpu, String topic, long term, long sequence) {
        TenantShare share = new TenantShare("a", 4, 100, 800, true, ServiceClass.LATENCY_CRITICAL, 7, 500, 125, 250, 6);
        return new Decision(
                node, new FenceStamp(topic, term, sequence), 0, 10_000, List.of(new GpuShares(gpu, List.of(share))));
    }
}
