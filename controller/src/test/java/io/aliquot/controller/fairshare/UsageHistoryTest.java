package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageHistoryTest {
    private static final double HALF_LIFE = 100;

    private final PolicyTree tree = PolicyTree.of(List.of(
            TenantPolicy.of("a").withHistory(HALF_LIFE), TenantPolicy.of("b").withHistory(HALF_LIFE)));
    private UsageHistory.State state = UsageHistory.State.none(tree);

    @Test
    void whoUsedWhatWasDueKeepsItsWeight() {
        for (int i = 0; i < 50; i++) {
            assertThat(share(8, 8)).isCloseTo(2, within(1e-9));
        }
        assertThat(weight("a")).isCloseTo(1, within(1e-9));
    }

    @Test
    void whatNobodyElseWantedIsNotCharged() {
        for (int i = 0; i < 50; i++) {
            assertThat(share(4, 0)).isEqualTo(4);
        }
        assertThat(weight("a")).isEqualTo(2);
    }

    @Test
    void whoUsedMoreThanWasDueGetsLessAndIsForgivenInAFewHalfLives() {
        for (int i = 0; i < 100; i++) {
            share(8, 0.5);
        }
        assertThat(state.used().get("a")).isGreaterThan(1.2 * state.due().get("a"));
        double last = share(8, 8);
        assertThat(last).isBetween(1.0, 1.7);
        for (int i = 0; i < 1000; i++) {
            double next = share(8, 8);
            assertThat(next).isGreaterThanOrEqualTo(last - 1e-9).isLessThanOrEqualTo(2 + 1e-9);
            last = next;
        }
        assertThat(last).isCloseTo(2, within(0.01));
    }

    @Test
    void halvesWhatIsRememberedInAHalfLife() {
        for (int i = 0; i < 200; i++) {
            share(8, 8);
        }
        double before = state.used().get("a");
        Entitlements idle = solve(0, 0);
        state = UsageHistory.next(state, idle, idle.entitlement(), HALF_LIFE);
        assertThat(state.used().get("a")).isCloseTo(before / 2, within(1e-9));
    }

    @Test
    void boundsTheFactor() {
        assertThat(UsageHistory.factor(0, 0)).isEqualTo(1);
        assertThat(UsageHistory.factor(5, 0)).isEqualTo(0.25);
        assertThat(UsageHistory.factor(50, 1)).isEqualTo(0.25);
        assertThat(UsageHistory.factor(0, 1)).isEqualTo(2);
        assertThat(UsageHistory.factor(2, 1)).isEqualTo(0.5);
    }

    /** One second of a cluster of 4 GPUs; what a is entitled to, and uses. */
    private double share(double a, double b) {
        Entitlements now = solve(a, b);
        state = UsageHistory.next(state, now, now.entitlement(), 1);
        return now.of("a");
    }

    private Entitlements solve(double a, double b) {
        return EntitlementSolver.solve(new Situation(
                4,
                TenantValues.of(tree, Map.of("a", a, "b", b)),
                UsageHistory.weights(state, tree),
                TenantValues.constant(tree, 0)));
    }

    private double weight(String path) {
        return UsageHistory.weights(state, tree).get(path);
    }
}
