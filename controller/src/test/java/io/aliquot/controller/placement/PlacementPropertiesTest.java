package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.controller.placement.ClusterArbitraries.Cluster;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What must hold of every placement, whoever made it and after however many rounds. */
class PlacementPropertiesTest {
    private static final double ROUNDING = 1e-9;

    private final PlacementSolver exact = new ExactPlacement();
    private final IterativePlacement iterative = new IterativePlacement();

    @Property
    void exactIsFeasibleKeepsFloorsAndUsesEveryGpu(@ForAll("clusters") Cluster cluster) {
        check(exact.solve(cluster.problem()));
    }

    @Property
    void iterativeIsSoAfterHoweverFewRounds(
            @ForAll("clusters") Cluster cluster, @ForAll @IntRange(min = 1, max = 20) int rounds) {
        check(new IterativePlacement(rounds, rounds, 1e-4).solve(cluster.problem()));
    }

    @Property
    void warmTicksAreSoToo(
            @ForAll("clusters") Cluster cluster,
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 3) int rounds) {
        IterativePlacement solver = new IterativePlacement(rounds, rounds, 1e-4);
        PlacementProblem problem = cluster.problem();
        Placement placement = solver.solve(problem);
        for (int tick = 0; tick < 5 && problem.edges() > 0; tick++) {
            problem = Clusters.tick(problem, random, 1 + random.nextInt(3));
            placement = solver.solve(problem, placement);
            check(placement);
        }
    }

    /** The condition that is necessary and sufficient: on no GPU does a tenant with more give way to one with less. */
    @Property
    void exactIsFairOnEveryGpu(@ForAll("clusters") Cluster cluster) {
        assertThat(new Certificate(exact.solve(cluster.problem())).rootMeanSquare())
                .isLessThan(1e-5);
    }

    @Property
    void iterativeComesToTheExactTotals(@ForAll("clusters") Cluster cluster) {
        PlacementProblem problem = cluster.problem();
        Placement best = exact.solve(problem);
        Placement found = new IterativePlacement(1000, 1000, 1e-7).solve(problem);
        for (int i = 0; i < problem.tenants(); i++) {
            assertThat(found.total(i)).isCloseTo(best.total(i), within(1e-4));
        }
    }

    @Property
    void theCertificateIsNeverTooLow(
            @ForAll("clusters") Cluster cluster, @ForAll @IntRange(min = 1, max = 4) int rounds) {
        PlacementProblem problem = cluster.problem();
        Placement best = exact.solve(problem);
        Placement found = new IterativePlacement(rounds, 1, 0).solve(problem);
        Certificate certificate = new Certificate(found);
        for (int i = 0; i < problem.tenants(); i++) {
            if (found.total(i) > 0) {
                assertThat(Math.abs(found.total(i) - best.total(i)))
                        .isLessThanOrEqualTo(certificate.worst(i) * found.total(i) + 1e-7);
            }
        }
    }

    @Property
    void theSameInputGivesTheSameBits(@ForAll("withGangs") Cluster cluster, @ForAll long seed) {
        assertThat(tickedTwice(cluster, seed)).isEqualTo(tickedTwice(cluster, seed));
    }

    /** A placement that has settled stays as it is, to the bit: no share is moved for nothing. */
    @Property
    void nothingMovesAtConstantDemand(@ForAll("clusters") Cluster cluster) {
        PlacementProblem problem = cluster.problem();
        Placement settled = new IterativePlacement(2000, 1, 1e-4).solve(problem);
        assertThat(settled.rounds()).isLessThan(2000);
        assertThat(iterative.solve(problem, settled).amounts()).isEqualTo(settled.amounts());
    }

    @Property
    void gangsSettleTooAndThenNothingMoves(@ForAll("withGangs") Cluster cluster) {
        PlacementProblem problem = cluster.problem();
        Placement settled = new IterativePlacement(2000, 1, 1e-6).solve(problem);
        assertThat(settled.rounds()).isLessThan(2000);
        Placement next = new IterativePlacement(1, 24, 1e-6).solve(problem, settled);
        assertThat(next.amounts()).isEqualTo(settled.amounts());
    }

    @Property
    void edgesThatComeAndGoLeaveTheOthersWhereTheyWere(
            @ForAll("clusters") Cluster before, @ForAll("clusters") Cluster after) {
        check(iterative.solve(after.problem(), iterative.solve(before.problem())));
    }

    @Property
    void gangsGetEqualSharesAndNobodyCouldHaveMore(
            @ForAll("withGangs") Cluster cluster, @ForAll @IntRange(min = 1, max = 30) int rounds) {
        PlacementProblem problem = cluster.problem();
        checkGangs(new IterativePlacement(rounds, rounds, 1e-4).solve(problem));
        checkGangs(exact.solve(problem));
    }

    @Property
    void fixedSharesFitTheGpuAndLoseLessThanAUnit(
            @ForAll("withGangs") Cluster cluster, @ForAll @IntRange(min = 1, max = 1000) int unitsPerGpu) {
        Placement placement = iterative.solve(cluster.problem());
        PlacementProblem p = placement.problem();
        int[] units = FixedShares.of(placement, unitsPerGpu);
        for (int g = 0; g < p.gpus(); g++) {
            int sum = 0;
            for (int e = p.firstEdge(g); e < p.firstEdge(g + 1); e++) {
                double share = placement.amount(e) / p.capacity(g);
                assertThat((double) units[e]).isBetween(share * unitsPerGpu - 1, share * unitsPerGpu + 1e-5);
                sum += units[e];
                for (int other = 0; p.gang(e) >= 0 && other < p.edges(); other++) {
                    assertThat(p.gang(other) != p.gang(e) || units[other] == units[e])
                            .isTrue();
                }
            }
            assertThat(sum).isLessThanOrEqualTo(unitsPerGpu);
        }
    }

    @Provide
    Arbitrary<Cluster> clusters() {
        return ClusterArbitraries.clusters();
    }

    @Provide
    Arbitrary<Cluster> withGangs() {
        return ClusterArbitraries.withGangs();
    }

    private double[] tickedTwice(Cluster cluster, long seed) {
        Random random = new Random(seed);
        PlacementProblem problem = cluster.problem();
        Placement placement = iterative.solve(problem);
        for (int tick = 0; tick < 2 && problem.edges() > 0; tick++) {
            problem = Clusters.tick(problem, random, 2);
            placement = iterative.solve(problem, placement);
        }
        return placement.amounts();
    }

    /** Bounds and work conservation of a cluster without gangs. */
    static void check(Placement placement) {
        PlacementProblem p = placement.problem();
        Bounds bounds = new Bounds(p);
        for (int g = 0; g < p.gpus(); g++) {
            double sum = 0;
            double wanted = 0;
            double floors = 0;
            for (int e = p.firstEdge(g); e < p.firstEdge(g + 1); e++) {
                assertThat(placement.amount(e)).isBetween(bounds.least[e] - ROUNDING, bounds.most[e] + ROUNDING);
                sum += placement.amount(e);
                wanted += p.demand(e);
                floors += Math.min(p.floor(e), p.demand(e));
            }
            assertThat(sum).isCloseTo(Math.min(p.capacity(g), wanted), within(ROUNDING));
            for (int e = p.firstEdge(g); e < p.firstEdge(g + 1) && floors <= p.capacity(g); e++) {
                assertThat(placement.amount(e)).isGreaterThanOrEqualTo(Math.min(p.floor(e), p.demand(e)) - ROUNDING);
            }
        }
    }

    private static void checkGangs(Placement placement) {
        PlacementProblem p = placement.problem();
        Bounds bounds = new Bounds(p);
        double[] idle = new double[p.gpus()];
        for (int g = 0; g < p.gpus(); g++) {
            idle[g] = p.capacity(g);
            for (int e = p.firstEdge(g); e < p.firstEdge(g + 1); e++) {
                idle[g] -= placement.amount(e);
                assertThat(placement.amount(e)).isBetween(bounds.least[e] - ROUNDING, bounds.most[e] + ROUNDING);
            }
            assertThat(idle[g]).isGreaterThan(-ROUNDING);
        }
        double[] room = new double[p.gangs()];
        Arrays.fill(room, 1);
        for (int e = 0; e < p.edges(); e++) {
            int g = p.gpu(e);
            double more = Math.min(idle[g], bounds.most[e] - placement.amount(e)) / p.capacity(g);
            if (p.gang(e) < 0) {
                assertThat(more).isLessThan(ROUNDING);
            } else {
                room[p.gang(e)] = Math.min(room[p.gang(e)], more);
                int first = p.gangEdge[p.gangStart[p.gang(e)]];
                assertThat(placement.amount(e) / p.capacity(g))
                        .isCloseTo(placement.amount(first) / p.capacity(p.gpu(first)), within(ROUNDING));
            }
        }
        for (double more : room) {
            assertThat(more).isLessThan(ROUNDING);
        }
    }
}
