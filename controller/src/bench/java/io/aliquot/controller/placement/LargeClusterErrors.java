package io.aliquot.controller.placement;

import java.util.Locale;
import java.util.Random;

/**
 * Prints how far the placement of 1000 tenants on 80,000 GPUs is from the fair one: from one that was iterated until nothing moved,
 * and, without it, by the certificate.
 */
public final class LargeClusterErrors {
    private static final IterativePlacement SETTLED = new IterativePlacement(3000, 3000, 1e-8);

    private LargeClusterErrors() {}

    public static void main(String[] args) {
        for (boolean local : new boolean[] {false, true}) {
            PlacementProblem problem = LargeCluster.of(1000, 80_000, local);
            IterativePlacement solver = new IterativePlacement();
            Placement placement = solver.solve(problem);
            print(local, "cold", placement);
            Random random = new Random(3);
            for (int tick = 0; tick < 10; tick++) {
                problem = LargeCluster.tick(problem, random, 100);
                placement = solver.solve(problem, placement);
            }
            print(local, "warm, ten ticks", placement);
        }
    }

    private static void print(boolean local, String start, Placement placement) {
        Placement settled = SETTLED.solve(placement.problem());
        Errors errors = new Errors();
        errors.add(placement, settled);
        System.out.printf(
                Locale.ROOT,
                "local %s, %s, %d rounds: against the settled one (%d rounds, certified rms %.4f %%) %s; certified rms %.3f %%%n",
                local,
                start,
                placement.rounds(),
                settled.rounds(),
                100 * new Certificate(settled).rootMeanSquare(),
                errors,
                100 * new Certificate(placement).rootMeanSquare());
    }
}
