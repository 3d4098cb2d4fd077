package io.aliquot.controller.fairshare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Demand, entitlement and damping in one loop, on one pool and with no clock: 200 tenants in 40 teams of 10 organisations on
 * 1000 GPUs. Tenants use what is published for them up to what they want, and are held back above it.
 */
class ClosedLoopTest {
    private static final double SECONDS = 0.1;
    private static final int SECOND = 10;

    private final PolicyTree tree = PolicyTree.of(tenants());
    private final Random random = new Random(4);
    private final double[] wants = new double[tree.size()];
    private double capacity = 1000;
    private double[] demand = new double[tree.size()];
    private Damping.State state = Damping.State.none(tree);
    private Entitlements now = solve();

    /** The last word is that of demand which decays from a large one to a small one. */
    @Test
    void isSilentAtConstantDemand() {
        for (int step = 0; step < 5; step++) {
            changeWants(0.3);
            run(10 * SECOND);
            for (int tick = 0; tick < 20 * SECOND; tick++) {
                assertThat(tick()).isEmpty();
            }
        }
    }

    @Test
    void neverPublishesMoreThanThereIsNorLessThanAFloorInUse() {
        for (int step = 0; step < 60; step++) {
            changeWants(0.1);
            capacity = step % 7 == 6 ? 700 : 1000;
            for (int tick = 0; tick < 4; tick++) {
                tick();
                assertThat(state.published().get(PolicyTree.ROOT)).isLessThanOrEqualTo(capacity + 1e-6);
                for (int node = 1; node < tree.size(); node++) {
                    double floor =
                            Math.min(now.floor().get(node), now.entitlement().get(node));
                    double published = tree.isLeaf(node) ? state.published().get(node) : floor;
                    assertThat(published).isGreaterThanOrEqualTo(floor - 1e-9);
                }
            }
        }
    }

    @Test
    void aStepUpHasItsShareWithinThreeTicks() {
        run(5 * SECOND);
        for (int node = 1; node < tree.size(); node++) {
            wants[node] = tree.isLeaf(node) && node % 2 == 0 ? 8 : 0;
        }
        run(3);
        for (int node = 1; node < tree.size(); node++) {
            assertThat(state.published().get(node)).isGreaterThanOrEqualTo(wants[node]);
        }
    }

    /** But for the headroom of those that have all they want, which the nodes' arbiters lend. */
    @Test
    void aLoadedClusterIsUsedUp() {
        Arrays.setAll(wants, node -> tree.isLeaf(node) ? 4 + node % 9 : 0);
        run(5 * SECOND);
        double used = 0;
        for (int node = 1; node < tree.size(); node++) {
            used += tree.isLeaf(node) ? Math.min(wants[node], state.published().get(node)) : 0;
        }
        assertThat(used).isGreaterThan(0.95 * capacity);
    }

    private void run(int ticks) {
        for (int tick = 0; tick < ticks; tick++) {
            tick();
        }
    }

    private List<Integer> tick() {
        for (int node = 1; node < tree.size(); node++) {
            if (tree.isLeaf(node)) {
                double busy = Math.min(wants[node], state.published().get(node));
                double blocked = wants[node] > 0 ? 1 - busy / wants[node] : 0;
                double start = busy > 0 || blocked == 0 ? busy : 0.01;
                double held = busy > 0 ? blocked : 1 - 0.01 / Math.max(0.01, wants[node]);
                demand[node] = DemandEstimator.next(demand[node], start, held, 20, SECONDS);
            }
        }
        now = solve();
        Damping.Step step = Damping.next(state, now);
        state = step.state();
        return step.changed();
    }

    private Entitlements solve() {
        return EntitlementSolver.solve(Situation.of(capacity, TenantValues.by(tree, node -> demand[node])));
    }

    private void changeWants(double part) {
        for (int node = 1; node < tree.size(); node++) {
            if (tree.isLeaf(node) && random.nextDouble() < part) {
                wants[node] = random.nextInt(4) == 0 ? 0 : random.nextInt(1, 160) / 10.0;
            }
        }
    }

    private static List<TenantPolicy> tenants() {
        List<TenantPolicy> tenants = new ArrayList<>();
        for (int org = 0; org < 10; org++) {
            String orgPath = "org" + org;
            tenants.add(TenantPolicy.of(orgPath).withWeight(1 + org % 3).withFloor(new Amount.Percent(5)));
            for (int team = 0; team < 4; team++) {
                String teamPath = orgPath + "/team" + team;
                tenants.add(TenantPolicy.of(teamPath).withSoftCeiling(new Amount.Percent(40 + 20 * team)));
                for (int project = 0; project < 5; project++) {
                    TenantPolicy tenant =
                            TenantPolicy.of(teamPath + "/p" + project).withWeight(1 + project);
                    tenants.add(project == 0 ? tenant.withFloor(new Amount.Gpus(2)) : tenant);
                }
            }
        }
        return tenants;
    }
}
