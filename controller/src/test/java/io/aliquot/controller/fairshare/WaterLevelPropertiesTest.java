package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The water level against the slowest thing that is surely right: bisection on the level itself. */
class WaterLevelPropertiesTest {
    /** One claim. */
    record Bounds(double weight, double low, double high) {}

    @Property
    void isTheLevelThatBisectionFinds(
            @ForAll("claims") List<Bounds> claims, @ForAll @IntRange(max = 400) int quarters) {
        double budget = quarters / 4.0;
        double[] share = fill(claims, budget);
        double lows = claims.stream().mapToDouble(Bounds::low).sum();
        double highs = claims.stream().mapToDouble(Bounds::high).sum();
        double level = bisect(claims, Math.clamp(budget, lows, highs));
        for (int i = 0; i < share.length; i++) {
            double expected = clamped(claims.get(i), level);
            assertThat(share[i]).isBetween(expected - 1e-7, expected + 1e-7);
        }
    }

    @Property
    void usesTheWholeBudget(@ForAll("claims") List<Bounds> claims, @ForAll @IntRange(max = 400) int quarters) {
        double lows = claims.stream().mapToDouble(Bounds::low).sum();
        double highs = claims.stream().mapToDouble(Bounds::high).sum();
        double sum = 0;
        for (double share : fill(claims, quarters / 4.0)) {
            sum += share;
        }
        double expected = Math.clamp(quarters / 4.0, lows, highs);
        assertThat(sum).isBetween(expected - 1e-9, expected + 1e-9);
    }

    @Provide
    Arbitrary<List<Bounds>> claims() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 1000),
                        Arbitraries.integers().between(0, 40),
                        Arbitraries.integers().between(0, 40))
                .as((weight, low, more) -> new Bounds(weight / 8.0, low / 4.0, (low + more) / 4.0))
                .list()
                .ofMaxSize(12);
    }

    private static double[] fill(List<Bounds> claims, double budget) {
        double[] weight = claims.stream().mapToDouble(Bounds::weight).toArray();
        double[] low = claims.stream().mapToDouble(Bounds::low).toArray();
        double[] high = claims.stream().mapToDouble(Bounds::high).toArray();
        double[] share = new double[claims.size()];
        WaterLevel.fill(budget, weight, low, high, share, share.length);
        return share;
    }

    private static double bisect(List<Bounds> claims, double budget) {
        double from = 0;
        double to = 1e6;
        for (int i = 0; i < 200; i++) {
            double middle = (from + to) / 2;
            double sum = claims.stream().mapToDouble(c -> clamped(c, middle)).sum();
            from = sum < budget ? middle : from;
            to = sum < budget ? to : middle;
        }
        return to;
    }

    private static double clamped(Bounds claim, double level) {
        return Math.clamp(level * claim.weight(), claim.low(), claim.high());
    }
}
