package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.placement.Clusters.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The iterative solver as shipped, with the round budget of the benchmark, against the exact one on 200 random clusters, 50 of each
 * shape. The error of a tenant is |X − X*|/X*.
 */
class AgainstExactTest {
    private static final int CLUSTERS = 200;
    private static final int TICKS = 10;

    private final IterativePlacement solver = new IterativePlacement();

    @Test
    void isWithinOnePercentOnAverageAndFiveAtWorstAfterAColdStart() {
        Errors errors = new Errors();
        for (int n = 0; n < CLUSTERS; n++) {
            Placement placement = solver.solve(cluster(n));
            PlacementPropertiesTest.check(placement);
            errors.add(placement);
        }
        System.out.println("cold: " + errors);
        assertThat(errors.mean()).isLessThanOrEqualTo(0.01);
        assertThat(errors.worst()).isLessThanOrEqualTo(0.05);
    }

    @Test
    void isWithinHalfAPercentOnAverageAndThreeAtWorstAfterTenWarmTicks() {
        Errors errors = afterTicks(100);
        System.out.println("warm, 1 % of demands changed a tick: " + errors);
        assertThat(errors.mean()).isLessThanOrEqualTo(0.005);
        assertThat(errors.worst()).isLessThanOrEqualTo(0.03);
    }

    @Test
    void isSoOnAverageWhenATenthOfTheDemandsChangesATick() {
        Errors errors = afterTicks(10);
        System.out.println("warm, 10 % of demands changed a tick: " + errors);
        assertThat(errors.mean()).isLessThanOrEqualTo(0.005);
    }

    /** Every tick changes one in {@code part} demands. */
    private Errors afterTicks(int part) {
        Errors errors = new Errors();
        for (int n = 0; n < CLUSTERS; n++) {
            Random random = new Random(n);
            PlacementProblem problem = cluster(n);
            Placement placement = solver.solve(problem);
            for (int tick = 0; tick < TICKS; tick++) {
                problem = Clusters.tick(problem, random, Math.max(1, problem.edges() / part));
                placement = solver.solve(problem, placement);
                PlacementPropertiesTest.check(placement);
            }
            errors.add(placement);
        }
        return errors;
    }

    private static PlacementProblem cluster(int n) {
        return Clusters.random(n, Shape.values()[n % Shape.values().length]);
    }
}
