package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTest {
    @Test
    void putsParentsFirstAndChildrenTogetherByName() {
        PolicyTree tree = tree("b/z", "b", "a", "b/y", "a/x");
        assertThat(tree.tenants().stream().map(TenantPolicy::path)).containsExactly("a", "b", "a/x", "b/y", "b/z");
        assertThat(tree.parent(tree.index("b/y"))).isEqualTo(tree.index("b"));
        assertThat(tree.isLeaf(tree.index("a"))).isFalse();
        assertThat(tree.isLeaf(tree.index("a/x"))).isTrue();
    }

    @Test
    void refusesNumbersThatAreNone() {
        assertThatThrownBy(() -> TenantPolicy.of("org/team").withWeight(Double.NaN))
                .hasMessage("tenant 'org/team': weight NaN: expected 0.001 to 1000000");
        assertThatThrownBy(() -> TenantPolicy.of("a").withWeight(-1))
                .hasMessage("tenant 'a': weight -1.0: expected 0.001 to 1000000");
        assertThatThrownBy(() -> TenantPolicy.of("a").withFloor(new Amount.Percent(101)))
                .hasMessage("tenant 'a': floor in percent 101.0: expected 0 to 100");
        assertThatThrownBy(() -> TenantPolicy.of("a").withHardCeiling(new Amount.Gpus(Double.POSITIVE_INFINITY)))
                .hasMessage("tenant 'a': ceiling in GPUs Infinity: expected 0.001 to 10000000");
        assertThatThrownBy(() -> TenantPolicy.of("a").withHistory(0.5))
                .hasMessage("tenant 'a': historyHalfLifeSeconds 0.5: expected 1 to 7776000, or 0 for none");
        assertThatThrownBy(() -> TenantPolicy.of("a").withBurstCredit(-2))
                .hasMessage("tenant 'a': burstCreditGpuSeconds -2.0: expected 0 to 1000000000");
    }

    @Test
    void refusesAFloorAboveTheCeiling() {
        assertThatThrownBy(() ->
                        TenantPolicy.of("a").withSoftCeiling(new Amount.Gpus(1)).withFloor(new Amount.Gpus(1.5)))
                .hasMessage("tenant 'a': floor 1.5 GPUs: expected at most its ceiling, which is 1 GPU");
    }

    @Test
    void refusesNamesThatNoTenantMayHave() {
        assertThatThrownBy(() -> TenantPolicy.of("org//x"))
                .hasMessage("tenant 'org//x': name '': expected 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or"
                        + " digit at both ends");
        assertThatThrownBy(() -> TenantPolicy.of("org/../x")).hasMessageContaining("name '..'");
        assertThatThrownBy(() -> TenantPolicy.of("a\nb")).hasMessageContaining("tenant 'a?b'");
    }

    @Test
    void refusesTenThousandLevelsWithoutShowingThemAll() {
        assertThatThrownBy(() -> TenantPolicy.of("a/".repeat(9_999) + "a"))
                .hasMessageEndingWith("…': 10000 levels: expected at most 32");
    }

    @Test
    void refusesDuplicatesAndOrphansAllAtOnce() {
        assertThatThrownBy(() -> tree("a", "a", "b/c"))
                .hasMessage("tenant 'a': given twice: keep one of them\n"
                        + "tenant 'b/c': parent 'b' is unknown: add it, or correct the path");
        assertThatThrownBy(() -> tree("")).hasMessageContaining("name the tenant");
    }

    @Test
    void refusesFloorsAboveTheParents() {
        TenantPolicy org = TenantPolicy.of("org");
        TenantPolicy a = TenantPolicy.of("org/a").withFloor(new Amount.Gpus(3));
        TenantPolicy b = TenantPolicy.of("org/b").withFloor(new Amount.Gpus(2));
        assertThat(PolicyRules.check(List.of(org, a, b))).isEmpty();
        assertThatThrownBy(() -> PolicyTree.of(List.of(org.withFloor(new Amount.Gpus(4)), a, b)))
                .hasMessage(
                        "tenant 'org': floor 4 GPUs: its children's floors come to 5 GPUs: raise it, or lower theirs");
        assertThatThrownBy(() -> PolicyTree.of(List.of(org.withSoftCeiling(new Amount.Gpus(4.5)), a, b)))
                .hasMessage("tenant 'org': ceiling 4.5 GPUs: its children's floors come to 5 GPUs: raise it, or lower"
                        + " theirs");
    }

    @Test
    void refusesFloorsAboveAllThatTheParentHas() {
        Amount most = new Amount.Percent(60);
        assertThatThrownBy(() -> PolicyTree.of(List.of(
                        TenantPolicy.of("a").withFloor(most),
                        TenantPolicy.of("b").withFloor(most))))
                .hasMessage("tenant '': its children's floors come to 120 %: expected at most 100 % in sum: lower one");
    }

    @Test
    void carriesNumbersOverToAnotherPolicyByPath() {
        PolicyTree before = tree("a", "b");
        PolicyTree after = tree("b", "c");
        TenantValues values = TenantValues.by(before, node -> node * 10);
        assertThat(values.on(after, 7).get("b")).isEqualTo(20);
        assertThat(values.on(after, 7).get("c")).isEqualTo(7);
    }

    private static PolicyTree tree(String... paths) {
        return PolicyTree.of(List.of(paths).stream().map(TenantPolicy::of).toList());
    }
}
