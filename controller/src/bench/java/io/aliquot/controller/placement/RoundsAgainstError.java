package io.aliquot.controller.placement;

import io.aliquot.controller.placement.Clusters.Shape;
import java.util.Locale;
import java.util.Random;

/**
 * Prints, as comma-separated values, the error of totals against the exact ones for budgets of rounds, on the 200 clusters of
 * AgainstExactTest: cold, after ten warm ticks at 1 %, and of the multiplier iteration for comparison; per cent.
 */
public final class RoundsAgainstError {
    private static final int CLUSTERS = 200;

    private RoundsAgainstError() {}

    public static void main(String[] args) {
        System.out.println("rounds,cold mean,cold worst,warm mean,warm worst,multipliers mean,multipliers worst");
        Placement[] exact = new Placement[CLUSTERS];
        for (int n = 0; n < CLUSTERS; n++) {
            exact[n] = new ExactPlacement().solve(cluster(n));
        }
        for (int rounds : new int[] {1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128}) {
            Errors cold = new Errors();
            Errors warm = new Errors();
            Errors multipliers = new Errors();
            for (int n = 0; n < CLUSTERS; n++) {
                IterativePlacement solver = new IterativePlacement(rounds, rounds, IterativePlacement.TOLERANCE);
                cold.add(solver.solve(exact[n].problem()), exact[n]);
                multipliers.add(new MultiplierIteration(exact[n].problem()).solve(rounds), exact[n]);
                warm.add(afterTenTicks(exact[n].problem(), rounds, n));
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f%n",
                    rounds,
                    100 * cold.mean(),
                    100 * cold.worst(),
                    100 * warm.mean(),
                    100 * warm.worst(),
                    100 * multipliers.mean(),
                    100 * multipliers.worst());
        }
    }

    /** The start is as shipped; the ticks have the rounds. */
    private static Placement afterTenTicks(PlacementProblem start, int rounds, int seed) {
        Random random = new Random(seed);
        IterativePlacement solver =
                new IterativePlacement(IterativePlacement.COLD_ROUNDS, rounds, IterativePlacement.TOLERANCE);
        PlacementProblem problem = start;
        Placement placement = solver.solve(problem);
        for (int tick = 0; tick < 10; tick++) {
            problem = Clusters.tick(problem, random, Math.max(1, problem.edges() / 100));
            placement = solver.solve(problem, placement);
        }
        return placement;
    }

    private static PlacementProblem cluster(int n) {
        return Clusters.random(n, Shape.values()[n % Shape.values().length]);
    }
}
