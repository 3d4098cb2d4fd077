package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.controller.placement.ClusterArbitraries.Cluster;
import io.aliquot.controller.placement.ClusterArbitraries.Gpu;
import io.aliquot.controller.placement.ClusterArbitraries.Work;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * What constrained weighted max-min promises of the totals, and what only exact totals show. No gangs: they give up resource and
 * population monotonicity by design. Floors keep all but the sharing incentive and the gain from over-reporting.
 */
class ExactPropertiesTest {
    private static final double ROUNDING = 1e-7;

    private final PlacementSolver solver = new ExactPlacement();

    @Property
    void onlyTheRatiosOfEntitlementsCount(
            @ForAll("clusters") Cluster cluster, @ForAll @IntRange(min = 2, max = 1000) int factor) {
        same(totals(cluster.problem(1.0 / factor, 1)), totals(cluster.problem()), 1);
    }

    @Property
    void theUnitOfCapacityCountsForNothing(
            @ForAll("clusters") Cluster cluster, @ForAll @IntRange(min = 2, max = 1000) int factor) {
        same(totals(cluster.problem(1, factor)), totals(cluster.problem()), factor);
    }

    @Property
    void theOrderOfTenantsAndGpusCountsForNothing(@ForAll("clusters") Cluster cluster, @ForAll Random random) {
        List<Integer> renamed = new ArrayList<>(
                IntStream.range(0, ClusterArbitraries.TENANTS).boxed().toList());
        Collections.shuffle(renamed, random);
        Integer[] entitlements = new Integer[renamed.size()];
        for (int i = 0; i < entitlements.length; i++) {
            entitlements[renamed.get(i)] = cluster.entitlements().get(i);
        }
        List<Gpu> gpus = new ArrayList<>();
        for (Gpu gpu : cluster.gpus()) {
            Map<Integer, Work> work = new HashMap<>();
            gpu.work().forEach((tenant, w) -> work.put(renamed.get(tenant), w));
            gpus.add(new Gpu(gpu.halves(), work));
        }
        Collections.shuffle(gpus, random);
        double[] totals = totals(cluster.problem());
        double[] shuffled = totals(new Cluster(List.of(entitlements), gpus, Map.of()).problem());
        for (int i = 0; i < totals.length; i++) {
            assertThat(shuffled[renamed.get(i)]).isCloseTo(totals[i], within(ROUNDING));
        }
    }

    /** Another GPU, or a faster one, takes from nobody. */
    @Property
    void moreResourcesTakeFromNobody(@ForAll("clusters") Cluster cluster, @ForAll("clusters") Cluster other) {
        List<Gpu> more = new ArrayList<>(cluster.gpus());
        more.addAll(other.gpus());
        double[] before = totals(cluster.problem());
        noLess(totals(new Cluster(cluster.entitlements(), more, Map.of()).problem()), before);
        PlacementProblem problem = cluster.problem();
        if (problem.gpus() > 0) {
            noLess(totals(withCapacity(problem, 0, 1.25)), before);
        }
    }

    @Property
    void aTenantThatLeavesTakesFromNobody(@ForAll("clusters") Cluster cluster) {
        List<Gpu> without = new ArrayList<>();
        for (Gpu gpu : cluster.gpus()) {
            Map<Integer, Work> work = new HashMap<>(gpu.work());
            work.remove(0);
            without.add(new Gpu(gpu.halves(), work));
        }
        double[] before = totals(cluster.problem());
        before[0] = 0;
        noLess(totals(new Cluster(cluster.entitlements(), without, Map.of()).problem()), before);
    }

    @Property
    void aGrowingEntitlementNeverShrinksTheTotal(
            @ForAll("clusters") Cluster cluster, @ForAll @IntRange(min = 1, max = 100) int more) {
        List<Integer> entitlements = new ArrayList<>(cluster.entitlements());
        entitlements.set(0, entitlements.get(0) + more);
        double after = totals(new Cluster(entitlements, cluster.gpus(), Map.of()).problem())[0];
        assertThat(after).isGreaterThanOrEqualTo(totals(cluster.problem())[0] - ROUNDING);
    }

    /** Who puts GPUs into the pool and could use them gets at least as much back (Choosy's sharing incentive). */
    @Property
    void nobodyGetsLessThanItContributes(@ForAll("withoutFloors") Cluster cluster) {
        int[] halves = new int[ClusterArbitraries.TENANTS];
        List<Gpu> gpus = new ArrayList<>();
        for (int g = 0; g < cluster.gpus().size(); g++) {
            Gpu gpu = cluster.gpus().get(g);
            int owner = g % halves.length;
            halves[owner] += gpu.halves();
            Map<Integer, Work> work = new HashMap<>(gpu.work());
            work.put(owner, new Work(0, 10));
            gpus.add(new Gpu(gpu.halves(), work));
        }
        List<Integer> entitlements = IntStream.of(halves).boxed().toList();
        double[] totals = totals(new Cluster(entitlements, gpus, Map.of()).problem());
        for (int i = 0; i < halves.length; i++) {
            assertThat(totals[i]).isGreaterThanOrEqualTo(halves[i] / 2.0 - 1e-4);
        }
    }

    /** Asking for more than one can use gives no more of what one can use. */
    @Property
    void overstatingDemandGainsNothingUseful(@ForAll("withoutFloors") Cluster cluster) {
        PlacementProblem honest = cluster.problem();
        int[] edges = IntStream.range(0, honest.edges())
                .filter(e -> honest.tenant(e) == 0)
                .toArray();
        double[] all = IntStream.of(edges)
                .mapToDouble(e -> honest.capacity(honest.gpu(e)))
                .toArray();
        Placement gained = solver.solve(honest.withDemands(edges, all));
        double useful = IntStream.of(edges)
                .mapToDouble(e -> Math.min(gained.amount(e), honest.demand(e)))
                .sum();
        assertThat(useful).isLessThanOrEqualTo(totals(honest)[0] + ROUNDING);
    }

    @Provide
    Arbitrary<Cluster> clusters() {
        return ClusterArbitraries.clusters();
    }

    @Provide
    Arbitrary<Cluster> withoutFloors() {
        return ClusterArbitraries.withoutFloors();
    }

    private double[] totals(PlacementProblem problem) {
        Placement placement = solver.solve(problem);
        return IntStream.range(0, problem.tenants())
                .mapToDouble(placement::total)
                .toArray();
    }

    private static PlacementProblem withCapacity(PlacementProblem p, int gpu, double factor) {
        double[] capacity = p.capacity.clone();
        capacity[gpu] *= factor;
        return new PlacementProblem(
                p.entitlement, capacity, p.gpuStart, p.tenantOf, p.floor, p.demand, p.gangStart, p.gangEdge, p.gangOf);
    }

    private static void noLess(double[] after, double[] before) {
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).as("tenant %d", i).isGreaterThanOrEqualTo(before[i] - ROUNDING);
        }
    }

    private static void same(double[] totals, double[] expected, double factor) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(totals[i]).isCloseTo(expected[i] * factor, within(ROUNDING * factor));
        }
    }
}
