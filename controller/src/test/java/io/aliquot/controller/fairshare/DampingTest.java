package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DampingTest {
    private final PolicyTree tree = PolicyTree.of(List.of(
            TenantPolicy.of("owner").withFloor(new Amount.Gpus(6)), TenantPolicy.of("a"), TenantPolicy.of("b")));

    @Test
    void aGainTakesTwoStepsAndALossOne() {
        Damping.State state = Damping.State.none(tree);
        state = tick(state, 0, 4, 4, 2.0, 2.0);
        state = tick(state, 0, 4, 4, 2.0, 2.0);
        state = tick(state, 0, 4, 4, 4.0, 4.0);
        state = tick(state, 0, 4, 0, 4.0, 4.0);
        tick(state, 0, 4, 0, 4.0, 0.0);
    }

    @Test
    void anOwnerGetsItsFloorAtOnceAndTheBorrowersGiveWayInTheSameTick() {
        Damping.State state = Damping.State.none(tree);
        for (int i = 0; i < 5; i++) {
            state = Damping.next(state, entitlements(0, 9, 9)).state();
        }
        Damping.Step step = Damping.next(state, entitlements(9, 9, 9));
        assertThat(step.state().published().get("owner")).isEqualTo(6);
        assertThat(step.state().published().get("a")).isEqualTo(2);
        assertThat(step.changed()).hasSize(3);
    }

    @Test
    void smallChangesAreNotPublished() {
        Damping.State state = Damping.State.none(tree);
        for (int i = 0; i < 5; i++) {
            state = Damping.next(state, entitlements(0, 3, 1)).state();
        }
        assertThat(Damping.next(state, entitlements(0, 3.08, 0.98)).changed()).isEmpty();
        assertThat(Damping.next(state, entitlements(0, 3.1, 0.98)).changed()).containsExactly(tree.index("a"));
    }

    @Test
    void carriesOnUnderAnotherPolicy() {
        Damping.State state = Damping.State.none(tree);
        for (int i = 0; i < 5; i++) {
            state = Damping.next(state, entitlements(0, 4, 4)).state();
        }
        PolicyTree next = PolicyTree.of(List.of(TenantPolicy.of("a"), TenantPolicy.of("c")));
        Entitlements now = EntitlementSolver.solve(Situation.of(10, TenantValues.of(next, Map.of("a", 4.0, "c", 2.0))));
        TenantValues published = Damping.next(state, now).state().published();
        assertThat(published.get("a")).isEqualTo(4);
        assertThat(published.get("c")).isEqualTo(1);
    }

    private Damping.State tick(Damping.State state, double owner, double a, double b, double isA, double isB) {
        Damping.State next = Damping.next(state, entitlements(owner, a, b)).state();
        assertThat(next.published().get("a")).isEqualTo(isA);
        assertThat(next.published().get("b")).isEqualTo(isB);
        return next;
    }

    private Entitlements entitlements(double owner, double a, double b) {
        TenantValues demand = TenantValues.of(tree, Map.of("owner", owner, "a", a, "b", b));
        return EntitlementSolver.solve(Situation.of(10, demand));
    }
}
