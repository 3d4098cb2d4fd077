package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The running example of Karma (Vuppalapati et al., OSDI '23, §2 and §3): three users with a fair share of 2 slices of 6,
 * five quanta, α = 0.5, 6 credits each to start with. Max-min in each quantum gives 10, 9 and 5 slices in all; Karma gives
 * each 8.
 */
class BurstCreditTest {
    private static final double[][] DEMANDS = {{3, 2, 1}, {3, 0, 0}, {0, 3, 0}, {2, 2, 4}, {2, 3, 5}};

    @Test
    void maxMinFavoursWhoAskedEarly() {
        assertThat(totals(0)).containsExactly(new double[] {10, 9, 5}, within(1e-9));
    }

    @Test
    void reproducesKarmasRunningExample() {
        assertThat(totals(12)).containsExactly(new double[] {8, 8, 8}, within(1e-9));
    }

    @Test
    void keepsKarmasBooks() {
        double[][] expected = {{5, 6, 7}, {4, 8, 9}, {6, 7, 11}, {7, 8, 9}, {8, 8, 8}};
        PolicyTree tree = tree(12);
        BurstCredit.State state = BurstCredit.State.start(tree);
        for (int quantum = 0; quantum < DEMANDS.length; quantum++) {
            state = BurstCredit.next(state, solve(tree, state, DEMANDS[quantum]), 1);
            assertThat(users(state.credit())).containsExactly(expected[quantum], within(1e-9));
        }
    }

    /** Of the three that are always lent one each is earned; of the two donated besides, one and a half are borrowed. */
    @Test
    void earnsOnlyWhatIsBorrowedAndThePoorestFirst() {
        PolicyTree tree = tree(12);
        TenantValues credit = TenantValues.of(tree, Map.of("a", 6.0, "b", 5.5, "c", 6.0));
        BurstCredit.State state = new BurstCredit.State(credit);
        state = BurstCredit.next(state, solve(tree, state, new double[] {0, 0, 2.5}), 1);
        assertThat(users(state.credit())).containsExactly(new double[] {7.5, 7.5, 5.5}, within(1e-9));
    }

    @Test
    void neverSavesMoreThanTheBound() {
        PolicyTree tree = tree(8);
        BurstCredit.State state = BurstCredit.State.start(tree);
        for (int i = 0; i < 100; i++) {
            state = BurstCredit.next(state, solve(tree, state, new double[] {0, 0, 6}), 1);
        }
        assertThat(users(state.credit())).containsExactly(new double[] {8, 8, 0}, within(1e-9));
    }

    @Test
    void carriesCreditOverToAnotherPolicy() {
        PolicyTree tree = tree(12);
        BurstCredit.State state = BurstCredit.State.start(tree);
        state = BurstCredit.next(state, solve(tree, state, DEMANDS[0]), 1);
        TenantPolicy b = TenantPolicy.of("b").withBurstCredit(5);
        TenantPolicy d = TenantPolicy.of("d").withBurstCredit(10);
        TenantValues credit = state.on(PolicyTree.of(List.of(b, d))).credit();
        assertThat(credit.get("b")).isEqualTo(5);
        assertThat(credit.get("d")).isEqualTo(5);
    }

    private static double[] totals(double bound) {
        PolicyTree tree = tree(bound);
        BurstCredit.State state = BurstCredit.State.start(tree);
        double[] totals = new double[3];
        for (double[] demands : DEMANDS) {
            Entitlements now = solve(tree, state, demands);
            double[] given = users(now.entitlement());
            for (int i = 0; i < totals.length; i++) {
                totals[i] += given[i];
            }
            state = BurstCredit.next(state, now, 1);
        }
        return totals;
    }

    private static PolicyTree tree(double bound) {
        List<TenantPolicy> users = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            users.add(TenantPolicy.of(name).withBurstCredit(bound));
        }
        return PolicyTree.of(users);
    }

    private static Entitlements solve(PolicyTree tree, BurstCredit.State state, double[] demands) {
        TenantValues demand = TenantValues.of(tree, Map.of("a", demands[0], "b", demands[1], "c", demands[2]));
        return EntitlementSolver.solve(
                new Situation(6, demand, Situation.policyWeights(tree), BurstCredit.spendable(state, 1)));
    }

    private static double[] users(TenantValues values) {
        return new double[] {values.get("a"), values.get("b"), values.get("c")};
    }
}
