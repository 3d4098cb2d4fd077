package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What must hold for every demand (fair-share mathematics: weighted max-min on one pool). */
class FairSharePropertiesTest {
    private final FairShareSolver solver = new WaterFilling();

    @Property
    void neverGivesMoreThanTheBudgetNorAboveDemandOrCeiling(@ForAll("demands") Demand demand) {
        Allocation allocation = solver.solve(demand);
        assertThat(sum(allocation)).isBetween(0, demand.budgetPermille());
        assertThat(allocation.permilleByTenant()).hasSize(demand.claims().size());
        for (Claim claim : demand.claims()) {
            assertThat(allocation.permille(claim.tenant()))
                    .isBetween(0, Math.min(claim.ceilingPermille(), claim.demandPermille()));
        }
    }

    @Property
    void honoursFloorsUnlessTheyExceedTheBudgetAndThenSaysSo(@ForAll("demands") Demand demand) {
        Allocation allocation = solver.solve(demand);
        int floors = demand.claims().stream().mapToInt(Claim::low).sum();
        assertThat(allocation.floorsScaled()).isEqualTo(floors > demand.budgetPermille());
        if (!allocation.floorsScaled()) {
            for (Claim claim : demand.claims()) {
                assertThat(allocation.permille(claim.tenant())).isGreaterThanOrEqualTo(claim.low());
            }
        }
    }

    /** Work conservation, and so Pareto efficiency: only rounding, less than 1 permille a tenant, is left over. */
    @Property
    void leavesNothingThatSomeoneCouldUse(@ForAll("demands") Demand demand) {
        int wanted = demand.claims().stream().mapToInt(Claim::high).sum();
        int most = Math.min(demand.budgetPermille(), wanted);
        int given = sum(solver.solve(demand));
        assertThat(given).isGreaterThan(most - Math.max(1, demand.claims().size()));
        assertThat(given).isLessThanOrEqualTo(most);
    }

    /** Without bounds of others in the way, nobody does worse than with a fixed split by weight. */
    @Property
    void givesEachItsWeightedPartOrItsDemand(@ForAll("unbounded") Demand demand) {
        Allocation allocation = solver.solve(demand);
        long weights = demand.claims().stream().mapToLong(Claim::weight).sum();
        for (Claim claim : demand.claims()) {
            long part = (long) demand.budgetPermille() * claim.weight() / weights;
            assertThat((long) allocation.permille(claim.tenant()))
                    .isGreaterThanOrEqualTo(Math.min(part, claim.demandPermille()));
        }
    }

    /** Nobody below its demand would rather have another's share, scaled by their weights. */
    @Property
    void leavesNobodyEnvious(@ForAll("unbounded") Demand demand) {
        Allocation allocation = solver.solve(demand);
        for (Claim me : demand.claims()) {
            for (Claim other : demand.claims()) {
                double mine = allocation.permille(me.tenant()) + 1;
                double theirs = (double) allocation.permille(other.tenant()) * me.weight() / other.weight();
                assertThat(mine).isGreaterThan(Math.min(theirs, me.demandPermille()));
            }
        }
    }

    @Property
    void aGrowingWeightNeverShrinksTheShare(
            @ForAll("demands") Demand demand, @ForAll @IntRange(min = 1, max = 1000) int more) {
        for (int i = 0; i < demand.claims().size(); i++) {
            Claim claim = demand.claims().get(i);
            Claim heavier = new Claim(
                    claim.tenant(),
                    Math.min(Claim.MAX_WEIGHT, claim.weight() + more),
                    claim.floorPermille(),
                    claim.ceilingPermille(),
                    claim.demandPermille());
            List<Claim> claims = new ArrayList<>(demand.claims());
            claims.set(i, heavier);
            int before = solver.solve(demand).permille(claim.tenant());
            int after =
                    solver.solve(new Demand(demand.budgetPermille(), claims)).permille(claim.tenant());
            assertThat(after).isGreaterThanOrEqualTo(before);
        }
    }

    @Property
    void aGrowingBudgetNeverShrinksAShare(@ForAll("demands") Demand demand) {
        Allocation before = solver.solve(demand);
        Allocation after = solver.solve(Demand.ofWholeGpu(demand.claims()));
        demand.claims()
                .forEach(c ->
                        assertThat(after.permille(c.tenant())).isGreaterThanOrEqualTo(before.permille(c.tenant())));
    }

    @Property
    void onlyTheRatioOfWeightsCounts(
            @ForAll("demands") Demand demand, @ForAll @IntRange(min = 2, max = 500) int factor) {
        List<Claim> scaled = demand.claims().stream()
                .map(c -> new Claim(
                        c.tenant(), c.weight() * factor, c.floorPermille(), c.ceilingPermille(), c.demandPermille()))
                .toList();
        assertThat(solver.solve(new Demand(demand.budgetPermille(), scaled))).isEqualTo(solver.solve(demand));
    }

    @Property
    void theOrderOfClaimsCountsForNothing(@ForAll("demands") Demand demand, @ForAll Random random) {
        List<Claim> shuffled = new ArrayList<>(demand.claims());
        Collections.shuffle(shuffled, random);
        assertThat(solver.solve(new Demand(demand.budgetPermille(), shuffled))).isEqualTo(solver.solve(demand));
    }

    /** Asking for more than one can use gives no more of what one can use. */
    @Property
    void overstatingDemandGainsNothingUseful(@ForAll("demands") Demand demand) {
        Allocation honest = solver.solve(demand);
        for (int i = 0; i < demand.claims().size() && !honest.floorsScaled(); i++) {
            Claim claim = demand.claims().get(i);
            List<Claim> claims = new ArrayList<>(demand.claims());
            claims.set(i, eager(claim));
            int gained =
                    solver.solve(new Demand(demand.budgetPermille(), claims)).permille(claim.tenant());
            int useful = Math.min(gained, claim.demandPermille());
            assertThat(useful).isLessThanOrEqualTo(honest.permille(claim.tenant()));
        }
    }

    @Property
    void fallbackIsNeverZeroAndFitsTheGpu(@ForAll("demands") Demand demand) {
        Map<String, Integer> shares = FallbackShares.split(solver, demand.claims());
        assertThat(shares.values()).allMatch(s -> s >= 1);
        assertThat(shares.values().stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(1000);
    }

    @Property
    void demandEstimateStaysOnTheGpuAndRisesAtOnce(
            @ForAll @IntRange(max = 1000) int previous,
            @ForAll @IntRange(max = 1000) int busy,
            @ForAll @IntRange(max = 1000) int blocked) {
        double next = DemandEstimator.next(previous, busy, blocked, 0.1);
        assertThat(next).isBetween(DemandEstimator.WAKE_UP_PERMILLE, 1000.0);
        assertThat(next).isGreaterThanOrEqualTo(busy);
    }

    @Provide
    Arbitrary<Demand> demands() {
        Arbitrary<int[]> bounds =
                Arbitraries.integers().between(0, 1000).array(int[].class).ofSize(3);
        Arbitrary<Claim> claims = Combinators.combine(Arbitraries.integers().between(1, 2000), bounds)
                .as((weight, b) -> new Claim("", weight, Math.min(b[0], b[1]), Math.max(b[0], b[1]), b[2]));
        return Combinators.combine(Arbitraries.integers().between(0, 1000), named(claims))
                .as(Demand::new);
    }

    @Provide
    Arbitrary<Demand> unbounded() {
        Arbitrary<Claim> claims = Combinators.combine(
                        Arbitraries.integers().between(1, 2000),
                        Arbitraries.integers().between(0, 1000))
                .as((weight, demand) -> new Claim("", weight, 0, 1000, demand));
        return named(claims).map(Demand::ofWholeGpu);
    }

    private static Arbitrary<List<Claim>> named(Arbitrary<Claim> claims) {
        return claims.list().ofMaxSize(12).map(list -> {
            List<Claim> named = new ArrayList<>();
            for (Claim c : list) {
                named.add(new Claim(
                        "t" + named.size(), c.weight(), c.floorPermille(), c.ceilingPermille(), c.demandPermille()));
            }
            return named;
        });
    }

    private static Claim eager(Claim c) {
        return new Claim(c.tenant(), c.weight(), c.floorPermille(), c.ceilingPermille(), Claim.WHOLE);
    }

    private static int sum(Allocation allocation) {
        return allocation.permilleByTenant().values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }
}
