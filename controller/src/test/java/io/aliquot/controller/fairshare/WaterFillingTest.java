package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WaterFillingTest {
    private final FairShareSolver solver = new WaterFilling();

    @Test
    void splitsByWeightWhenAllWantAll() {
        assertThat(solve(busy("a", 1), busy("b", 2), busy("c", 5))).isEqualTo(Map.of("a", 125, "b", 250, "c", 625));
    }

    @Test
    void lendsWhatAnIdleTenantLeavesInProportion() {
        assertThat(solve(busy("a", 1), busy("b", 2), new Claim("c", 5, 0, 1000, 0)))
                .isEqualTo(Map.of("a", 333, "b", 666, "c", 0));
    }

    @Test
    void givesNoMoreThanDemandAndPassesTheRestOn() {
        assertThat(solve(new Claim("a", 1, 0, 1000, 50), busy("b", 2), busy("c", 5)))
                .isEqualTo(Map.of("a", 50, "b", 271, "c", 678));
    }

    @Test
    void keepsAFloorAgainstAHeavyNeighbour() {
        assertThat(solve(new Claim("a", 1, 300, 1000, 1000), busy("b", 99))).isEqualTo(Map.of("a", 300, "b", 700));
    }

    @Test
    void holdsACeilingWhileOthersTakeTheRest() {
        assertThat(solve(new Claim("a", 9, 0, 400, 1000), busy("b", 1))).isEqualTo(Map.of("a", 400, "b", 600));
    }

    @Test
    void plansNoMoreThanACeilingWhenNobodyElseWantsTheTime() {
        assertThat(solve(new Claim("a", 9, 0, 400, 1000), new Claim("b", 1, 0, 1000, 0)))
                .isEqualTo(Map.of("a", 400, "b", 0));
    }

    @Test
    void guaranteesAFloorOnlyAsFarAsItIsUsed() {
        assertThat(solve(new Claim("a", 1, 500, 1000, 100), busy("b", 1))).isEqualTo(Map.of("a", 100, "b", 900));
    }

    @Test
    void cutsFloorsAboveTheGpuInProportionAndSaysSo() {
        Allocation allocation = solver.solve(
                Demand.ofWholeGpu(List.of(new Claim("a", 1, 900, 1000, 1000), new Claim("b", 1, 600, 1000, 1000))));
        assertThat(allocation.permilleByTenant()).isEqualTo(Map.of("a", 600, "b", 400));
        assertThat(allocation.floorsScaled()).isTrue();
    }

    @Test
    void hasNothingToGiveToNobody() {
        assertThat(solver.solve(Demand.ofWholeGpu(List.of())).permilleByTenant())
                .isEmpty();
    }

    @Test
    void refusesATenantThatClaimsTwiceAndValuesOutOfRange() {
        assertThatThrownBy(() -> solve(busy("a", 1), busy("a", 1))).hasMessage("tenant a claims twice");
        assertThatThrownBy(() -> busy("a", 0)).hasMessage("tenant a: weight 0: expected 1 to 1000000");
        assertThatThrownBy(() -> new Claim("a", 1, 500, 400, 0))
                .hasMessage("tenant a: ceilingPermille 400: expected 500 to 1000");
    }

    @Test
    void fallbackGivesEveryoneSomethingHoweverSmallItsWeight() {
        Map<String, Integer> shares =
                FallbackShares.split(solver, List.of(busy("a", 1), busy("b", 1_000_000), new Claim("c", 1, 0, 5, 0)));
        assertThat(shares).isEqualTo(Map.of("a", 1, "b", 998, "c", 1));
    }

    @Test
    void fallbackGivesEveryoneSomethingBesideFloorsThatFillTheGpu() {
        Map<String, Integer> shares =
                FallbackShares.split(solver, List.of(new Claim("a", 1, 1000, 1000, 0), busy("b", 1)));
        assertThat(shares).isEqualTo(Map.of("a", 999, "b", 1));
    }

    private Map<String, Integer> solve(Claim... claims) {
        return solver.solve(Demand.ofWholeGpu(List.of(claims))).permilleByTenant();
    }

    private static Claim busy(String tenant, int weight) {
        return new Claim(tenant, weight, 0, 1000, 1000);
    }
}
