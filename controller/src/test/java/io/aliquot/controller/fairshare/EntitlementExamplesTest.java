package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.schema.ServiceClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Known answers, from the literature where it has them. */
class EntitlementExamplesTest {
    private final List<TenantPolicy> tenants = new ArrayList<>();
    private final Map<String, Double> demand = new HashMap<>();

    /** Keshav, An Engineering Approach to Computer Networking (1997), §9.2.1: capacity 10, demands 2, 2.6, 4, 5. */
    @Test
    void reproducesKeshavsMaxMin() {
        busy(TenantPolicy.of("a"), 2).busy(TenantPolicy.of("b"), 2.6);
        busy(TenantPolicy.of("c"), 4).busy(TenantPolicy.of("d"), 5);
        expect(10, Map.of("a", 2.0, "b", 2.6, "c", 2.7, "d", 2.7));
    }

    /** The same, with weights 2.5, 4, 0.5, 1 and demands 4, 2, 10, 4 on a capacity of 16. */
    @Test
    void reproducesKeshavsWeightedMaxMin() {
        busy(TenantPolicy.of("a").withWeight(2.5), 4).busy(TenantPolicy.of("b").withWeight(4), 2);
        busy(TenantPolicy.of("c").withWeight(0.5), 10).busy(TenantPolicy.of("d").withWeight(1), 4);
        expect(16, Map.of("a", 4.0, "b", 2.0, "c", 6.0, "d", 4.0));
    }

    /**
     * Ghodsi et al., Choosy (EuroSys '13): constrained max-min over machines that all may use is max-min on one pool. Three
     * users of a pool of 9 get 3 each; if one wants only 1, the two others get 4.
     */
    @Test
    void isChoosysMaxMinOnASinglePool() {
        busy(TenantPolicy.of("a"), 9).busy(TenantPolicy.of("b"), 9).busy(TenantPolicy.of("c"), 9);
        expect(9, Map.of("a", 3.0, "b", 3.0, "c", 3.0));
        demand.put("c", 1.0);
        expect(9, Map.of("a", 4.0, "b", 4.0, "c", 1.0));
    }

    /**
     * Bhattacharya et al., Hierarchical Scheduling for Diverse Datacenter Workloads (SoCC '13), H-DRF with one resource: the
     * hierarchical share guarantee. A node gets w/Σw of what its parent has, over the siblings that have demand; of 480
     * servers an idle node gets 0, and its part goes to its siblings, not to other branches.
     */
    @Test
    void keepsTheHierarchicalShareGuarantee() {
        tenants.add(TenantPolicy.of("ads"));
        tenants.add(TenantPolicy.of("dev"));
        busy(TenantPolicy.of("ads/prod").withWeight(2), 480).busy(TenantPolicy.of("ads/test"), 480);
        busy(TenantPolicy.of("dev/a").withWeight(2), 480).busy(TenantPolicy.of("dev/b"), 480);
        busy(TenantPolicy.of("dev/c").withWeight(2), 480)
                .busy(TenantPolicy.of("dev/d").withWeight(5), 0);
        expect(
                480,
                Map.of(
                        "ads",
                        240.0,
                        "dev",
                        240.0,
                        "ads/prod",
                        160.0,
                        "ads/test",
                        80.0,
                        "dev/a",
                        96.0,
                        "dev/b",
                        48.0,
                        "dev/c",
                        96.0,
                        "dev/d",
                        0.0));
    }

    @Test
    void givesAFloorInPercentOfWhatTheParentHasNow() {
        tenants.add(TenantPolicy.of("org"));
        busy(TenantPolicy.of("other"), 10);
        busy(TenantPolicy.of("org/a").withFloor(new Amount.Percent(60)), 10).busy(TenantPolicy.of("org/b"), 10);
        expect(10, Map.of("other", 5.0, "org", 5.0, "org/a", 3.0, "org/b", 2.0));
    }

    @Test
    void guaranteesATenantsFloorInGpusAgainstStrangersToo() {
        tenants.add(TenantPolicy.of("org"));
        busy(TenantPolicy.of("other").withWeight(99), 10);
        busy(TenantPolicy.of("org/a").withFloor(new Amount.Gpus(3)), 10).busy(TenantPolicy.of("org/b"), 10);
        expect(10, Map.of("other", 7.0, "org", 3.0, "org/a", 3.0, "org/b", 0.0));
        demand.put("org/a", 1.0);
        expect(10, Map.of("other", 9.0, "org", 1.0, "org/a", 1.0, "org/b", 0.0));
    }

    @Test
    void liftsASoftCeilingOnlyWhenNobodyElseWantsTheTime() {
        busy(TenantPolicy.of("soft").withSoftCeiling(new Amount.Percent(40)), 10);
        busy(TenantPolicy.of("hard").withHardCeiling(new Amount.Gpus(3)), 10);
        busy(TenantPolicy.of("free"), 2);
        expect(10, Map.of("soft", 5.0, "hard", 3.0, "free", 2.0));
        demand.put("free", 10.0);
        expect(10, Map.of("soft", 3.5, "hard", 3.0, "free", 3.5));
    }

    @Test
    void givesLatencyCriticalTenantsTheSurplusButAReserveForEachClassBelow() {
        busy(TenantPolicy.of("chat").withPriority(ServiceClass.LATENCY_CRITICAL), 20);
        busy(TenantPolicy.of("train").withFloor(new Amount.Gpus(4)), 20);
        busy(TenantPolicy.of("batch").withPriority(ServiceClass.BEST_EFFORT), 20);
        expect(10, Map.of("chat", 5.4, "train", 4.3, "batch", 0.3));
        demand.put("chat", 1.0);
        expect(10, Map.of("chat", 1.0, "train", 8.7, "batch", 0.3));
    }

    @Test
    void cutsTheFloorsThatDoNotFitByClassThenInProportionAndSaysSo() {
        busy(TenantPolicy.of("chat").withPriority(ServiceClass.LATENCY_CRITICAL).withFloor(new Amount.Gpus(4)), 9);
        busy(TenantPolicy.of("a").withFloor(new Amount.Gpus(6)), 9);
        busy(TenantPolicy.of("b").withFloor(new Amount.Gpus(3)), 9);
        busy(TenantPolicy.of("c").withPriority(ServiceClass.BEST_EFFORT), 9);
        Entitlements e = expect(10, Map.of("chat", 4.0, "a", 4.0, "b", 2.0, "c", 0.0));
        assertThat(e.unmet()).containsExactly(new Unmet("a", 6, e.of("a")), new Unmet("b", 3, e.of("b")));
        assertThat(e.unmet().getFirst())
                .hasToString("floor of tenant 'a' is not met: it would use 6 GPUs of it and gets 4 GPUs: add GPUs, or"
                        + " lower floors beside or above it");
    }

    /** By the floors, not by what is used of them: wanting more than one can use gains nothing here, too. */
    @Test
    void cutsFloorsInProportionToThePolicy() {
        busy(TenantPolicy.of("a").withFloor(new Amount.Gpus(6)), 3);
        busy(TenantPolicy.of("b").withFloor(new Amount.Gpus(3)), 3);
        expect(4, Map.of("a", 8 / 3.0, "b", 4 / 3.0));
        demand.put("a", 2.0);
        expect(4, Map.of("a", 2.0, "b", 2.0));
    }

    @Test
    void hasNothingToGiveWhereThereIsNothing() {
        assertThat(EntitlementSolver.solve(Situation.of(5, TenantValues.constant(PolicyTree.of(List.of()), 0)))
                        .of(""))
                .isZero();
        busy(TenantPolicy.of("a"), 3);
        expect(0, Map.of("a", 0.0));
    }

    @Test
    void refusesDemandThatIsNone() {
        busy(TenantPolicy.of("a"), Double.NaN);
        assertThatThrownBy(() -> expect(1, Map.of())).hasMessage("tenant 'a': demand NaN: expected 0.0 to 1.0E7");
        demand.put("a", 0.0);
        busy(TenantPolicy.of("a/b"), 1);
        demand.put("a", 1.0);
        assertThatThrownBy(() -> expect(1, Map.of())).hasMessageContaining("give the demand to those");
    }

    private EntitlementExamplesTest busy(TenantPolicy tenant, double gpus) {
        tenants.add(tenant);
        demand.put(tenant.path(), gpus);
        return this;
    }

    private Entitlements expect(double capacity, Map<String, Double> expected) {
        Entitlements entitlements = new World(capacity, tenants, demand).solve();
        expected.forEach(
                (path, gpus) -> assertThat(entitlements.of(path)).as(path).isCloseTo(gpus, within(1e-9)));
        return entitlements;
    }
}
