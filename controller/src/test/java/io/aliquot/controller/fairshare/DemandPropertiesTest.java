package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

/** What is inferred of a closed loop, whatever it is given, and of hostile numbers. */
class DemandPropertiesTest {
    private static final double ROUNDING = 1e-9;

    /** A tenant that would use the demand, and gets a share, is seen at once, and hardly above what it wants. */
    @Property
    void seesTheDemandOfAClosedLoopAtOnceWhateverItsShare(
            @ForAll @DoubleRange(min = 0.01, max = 1) double demand,
            @ForAll @DoubleRange(min = 0.01, max = 1) double share) {
        double estimate = observe(0, demand, share);
        assertThat(estimate).isGreaterThanOrEqualTo(Math.min(1, demand) - ROUNDING);
        assertThat(estimate).isLessThanOrEqualTo(demand * (1 + DemandEstimator.GROWTH) + ROUNDING);
    }

    /** At constant demand and share the estimate only falls, to what one observation says. */
    @Property
    void doesNotOscillateAtConstantDemand(
            @ForAll @DoubleRange(min = 0.01, max = 1) double demand,
            @ForAll @DoubleRange(min = 0.01, max = 1) double share,
            @ForAll @DoubleRange(max = 1) double first) {
        double last = observe(first, demand, share);
        for (int tick = 0; tick < 20; tick++) {
            double next = observe(last, demand, share);
            assertThat(next).isLessThanOrEqualTo(last + ROUNDING);
            last = next;
        }
        assertThat(last).isGreaterThanOrEqualTo(observe(0, demand, share) - ROUNDING);
    }

    /** Whatever a tenant writes into its usage page. */
    @Property
    void staysBetweenTheWakeUpReserveAndTheCap(
            @ForAll double previous, @ForAll double busy, @ForAll double blocked, @ForAll double seconds) {
        assertThat(DemandEstimator.next(previous, busy, blocked, 4, seconds))
                .isBetween(DemandEstimator.WAKE_UP * 4, 4.0);
        assertThat(DemandEstimator.next(Double.NaN, Double.NaN, Double.NaN, 4, Double.NaN))
                .isEqualTo(DemandEstimator.WAKE_UP * 4);
    }

    /** The same tenant, measured in permille of one GPU or in GPU-equivalents. */
    @Property
    void isInvariantToTheUnit(
            @ForAll @DoubleRange(max = 1) double previous,
            @ForAll @DoubleRange(max = 1) double busy,
            @ForAll @DoubleRange(max = 1) double blocked) {
        double permille = DemandEstimator.next(previous * 1000, busy * 1000, blocked * 1000, 0.1);
        double gpus = DemandEstimator.next(previous, busy, blocked, 1, 0.1);
        assertThat(gpus * 1000).isBetween(permille - 1e-6, permille + 1e-6);
    }

    private static double observe(double previous, double demand, double share) {
        double busy = Math.min(demand, share);
        return DemandEstimator.next(previous, busy, 1 - busy / demand, 1, 0.1);
    }
}
