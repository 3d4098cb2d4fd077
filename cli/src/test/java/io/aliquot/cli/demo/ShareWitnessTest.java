package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShareWitnessTest {
    private static final long MS = 1_000_000;
    private final ShareWitness witness = new ShareWitness();

    @Test
    void sharesArePartsOfTheSum() {
        steady("a", 0, 1000, 0.1);
        steady("b", 0, 1000, 0.3);
        assertThat(witness.achievedPermille("a", List.of("a", "b"), 0, 1000 * MS))
                .isCloseTo(250, within(1e-6));
        assertThat(witness.busyPermille(List.of("a", "b"), 0, 1000 * MS)).isCloseTo(400, within(1e-6));
    }

    @Test
    void countsOnlyThePartThatIsAskedFor() {
        steady("a", 0, 1000, 0.1);
        steady("a", 1000, 2000, 0.9);
        assertThat(witness.gpuNs("a", 1000 * MS, 2000 * MS)).isCloseTo(900 * MS, within(1.0));
        assertThat(witness.gpuNs("a", 500 * MS, 1500 * MS)).isCloseTo(500 * MS, within(1.0));
    }

    @Test
    void aTenantThatNeverSpokeGotNothing() {
        assertThat(witness.gpuNs("x", 0, MS)).isZero();
        assertThat(witness.achievedPermille("x", List.of("x"), 0, MS)).isZero();
    }

    @Test
    void leavesOutALineThatIsNotLater() {
        witness.note("a", 10, 5);
        witness.note("a", 10, 500);
        witness.note("a", 20, 10);
        assertThat(witness.gpuNs("a", 10, 20)).isEqualTo(5);
    }

    @Property
    void sharesSumToTheWhole(
            @ForAll @IntRange(min = 1, max = 1000) int a, @ForAll @IntRange(min = 0, max = 1000) int b) {
        ShareWitness both = new ShareWitness();
        both.note("a", 0, 0);
        both.note("a", MS, a);
        both.note("b", 0, 0);
        both.note("b", MS, b);
        double sum = both.achievedPermille("a", List.of("a", "b"), 0, MS)
                + both.achievedPermille("b", List.of("a", "b"), 0, MS);
        assertThat(sum).isCloseTo(1000, within(1e-6));
    }

    @Test
    void lendingIsSeenWhenTheOthersFillTheGpu() {
        steady("a", 0, 130, 0.375); // the idle tenant's last line is at 100 ms; lending begins 30 ms later
        steady("a", 130, 400, 1.0);
        assertThat(witness.lendMs(List.of("a"), 100 * MS, 1000, 400 * MS).getAsDouble())
                .isBetween(38.0, 41.0);
    }

    @Test
    void lendingAtOnceTakesOneWindow() {
        steady("a", 0, 100, 0.375);
        steady("a", 100, 400, 1.0);
        assertThat(witness.lendMs(List.of("a"), 100 * MS, 1000, 400 * MS)).hasValue(10);
    }

    @Test
    void lendingThatNeverComesIsNoNumber() {
        steady("a", 0, 400, 0.375);
        assertThat(witness.lendMs(List.of("a"), 100 * MS, 1000, 400 * MS)).isEmpty();
    }

    @Test
    void aPartIsReachedAtTheEndOfTheFirstWindowThatHasIt() {
        steady("a", 0, 200, 0);
        steady("a", 200, 600, 0.6);
        assertThat(witness.reachedMs(List.of("a"), 100 * MS, 100 * MS, 580, 600 * MS)
                        .getAsDouble())
                .as("idle for 100 ms, and nearly the whole window at 60 %")
                .isBetween(195.0, 201.0);
        assertThat(witness.reachedMs(List.of("a"), 100 * MS, 100 * MS, 620, 600 * MS))
                .isEmpty();
    }

    /** Lines every 10 ms at a constant rate, going on from the last one. */
    private void steady(String tenant, long fromMs, long toMs, double rate) {
        double before = witness.gpuNs(tenant, 0, Long.MAX_VALUE / 4);
        for (long ms = fromMs; ms <= toMs; ms += 10) {
            witness.note(tenant, ms * MS, (long) (before + (ms - fromMs) * MS * rate));
        }
    }
}
