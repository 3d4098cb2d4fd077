package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FixedSharesTest {
    /** 3.5, 3.5 and 3 of 10 units, then 3.6, 3.6 and 2.8: largest remainder would take a unit from one that grew. */
    @Test
    void aShareThatGrowsLosesNoUnit() {
        assertThat(FixedShares.of(shares(0.35, 0.35, 0.3), 10)).containsExactly(3, 3, 3);
        assertThat(FixedShares.of(shares(0.36, 0.36, 0.28), 10)).containsExactly(3, 3, 2);
    }

    @Test
    void aThirdOfAGpuEachLeavesLessThanAUnitEach() {
        assertThat(FixedShares.of(shares(1, 1, 1), FixedShares.PERMILLE)).containsExactly(333, 333, 333);
        assertThat(FixedShares.of(shares(1, 1, 1), FixedShares.MILLIONTHS)).containsExactly(333333, 333333, 333333);
    }

    @Test
    void roundingOfDoublesCostsNoUnit() {
        assertThat(FixedShares.of(shares(0.1 + 0.2, 0.7), FixedShares.PERMILLE)).containsExactly(300, 700);
        assertThat(FixedShares.of(shares(0.29, 0.57), FixedShares.MILLIONTHS)).containsExactly(290000, 570000);
    }

    @Test
    void countsTimeOfTheGpuWhateverItsSpeed() {
        PlacementBuilder builder = new PlacementBuilder();
        builder.addTenant(1);
        builder.addGpu(2.5);
        PlacementProblem problem = builder.addEdge(0, 0, 0, 1).build();
        assertThat(FixedShares.of(new ExactPlacement().solve(problem), FixedShares.PERMILLE))
                .containsExactly(400);
    }

    @Test
    void refusesUnitsOutOfRange() {
        assertThatThrownBy(() -> FixedShares.of(shares(1), 0)).hasMessage("unitsPerGpu 0: expected 1 to 1000000");
    }

    /** One GPU, by demand where these fit, else by equal entitlement. */
    private static Placement shares(double... demands) {
        PlacementBuilder builder = new PlacementBuilder();
        int gpu = builder.addGpu(1);
        for (double demand : demands) {
            builder.addEdge(builder.addTenant(1), gpu, 0, demand);
        }
        return new ExactPlacement().solve(builder.build());
    }
}
