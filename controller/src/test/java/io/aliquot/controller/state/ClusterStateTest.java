package io.aliquot.controller.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.state.ClusterEvent.NodeForgotten;
import io.aliquot.controller.state.ClusterEvent.NodeSilent;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.ClusterEvent.QuotaRemoved;
import io.aliquot.controller.state.ClusterEvent.TelemetryReceived;
import io.aliquot.schema.ServiceClass;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
    @Test
    void anEventLeavesTheEarlierStateAlone() {
        ClusterState one = ClusterState.EMPTY.apply(new QuotaChanged(quota("a", 1)));
        ClusterState two = one.apply(new QuotaRemoved("a"));
        assertThat(one.quotas()).containsKey("a");
        assertThat(two.quotas()).isEmpty();
        assertThat(ClusterState.EMPTY.quotas()).isEmpty();
    }

    @Test
    void aNodeIsKnownByItsTelemetryThenSilentThenForgotten() {
        ClusterState state = ClusterState.EMPTY.apply(new TelemetryReceived(List.of(report(busy("a", 500, 0))), 10));
        assertThat(state.nodes().get("n").silent()).isFalse();
        assertThat(state.apply(new NodeSilent("n")).nodes().get("n").silent()).isTrue();
        assertThat(state.apply(new NodeForgotten("n")).nodes()).isEmpty();
        assertThat(state.apply(new NodeSilent("other"))).isEqualTo(state);
    }

    @Test
    void plansTargetsByWhatTenantsWant() {
        ClusterState state = tenants()
                .apply(new TelemetryReceived(
                        List.of(report(busy("a", 125, 870), busy("b", 250, 740), busy("c", 625, 360))), 0));
        assertThat(targets(state)).containsExactly(125, 250, 625);
    }

    @Test
    void anIdleTenantsTargetGoesToTheOthersWithinSeconds() {
        ClusterState state = tenants()
                .apply(new TelemetryReceived(
                        List.of(report(busy("a", 125, 870), busy("b", 250, 740), busy("c", 625, 360))), 0));
        for (int tick = 0; tick < 100; tick++) {
            state = state.apply(new TelemetryReceived(
                    List.of(report(busy("a", 333, 660), busy("b", 666, 330), busy("c", 0, 0))), 0));
        }
        assertThat(targets(state)).containsExactly(333, 667, 0);
    }

    @Test
    void aTenantWhoseProcessesAreGoneHasNoTargetAtOnce() {
        ClusterState state = tenants()
                .apply(new TelemetryReceived(List.of(report(busy("a", 125, 875), busy("c", 625, 375))), 0))
                .apply(new TelemetryReceived(List.of(report(busy("a", 125, 875))), 0));
        assertThat(targets(state)).containsExactly(1000, 0, 0);
    }

    @Test
    void achievedIsAMeanOverAboutASecond() {
        ClusterState state = tenants().apply(new TelemetryReceived(List.of(report(busy("a", 0, 0))), 0));
        for (int tick = 0; tick < 10; tick++) {
            state = state.apply(new TelemetryReceived(List.of(report(busy("a", 400, 0))), 0));
        }
        assertThat(state.nodes().get("n").usage("g", "a").orElseThrow().achievedPermille())
                .isBetween(340.0, 350.0);
    }

    @Test
    void fallbackSharesAreThoseOfThePolicyToThePermille() {
        ClusterState state = tenants().apply(new TelemetryReceived(List.of(report()), 0));
        assertThat(fallbacks(state)).containsExactly(125, 250, 625);
    }

    @Test
    void everyTenantHasAFallbackShareAndTheyFitTheGpu() {
        ClusterState state = tenants().apply(new TelemetryReceived(List.of(report()), 0));
        for (int i = 0; i < Planner.MAX_TENANTS - 3; i++) {
            state = state.apply(new QuotaChanged(quota("small-" + i, 1)));
        }
        state = state.apply(new QuotaChanged(quota("a", 1_000_000)));
        List<Integer> fallbacks = fallbacks(state);
        assertThat(fallbacks).hasSize(Planner.MAX_TENANTS).allMatch(permille -> permille >= 1);
        assertThat(fallbacks.getFirst()).isGreaterThan(850);
        assertThat(fallbacks.stream().mapToInt(permille -> permille).sum()).isLessThanOrEqualTo(1000);
    }

    private static List<Integer> targets(ClusterState state) {
        return planned(state, NodePlan.Share::targetPermille);
    }

    private static List<Integer> fallbacks(ClusterState state) {
        return planned(state, NodePlan.Share::fallbackPermille);
    }

    private static List<Integer> planned(ClusterState state, Function<NodePlan.Share, Integer> value) {
        NodePlan plan = Planner.plan(state, settled(state), state.nodes().get("n"));
        return plan.gpus().getFirst().tenants().stream().map(value).toList();
    }

    /** Until damping lets all of a step through. */
    private static Division settled(ClusterState state) {
        Division division = null;
        for (int i = 0; i < 8; i++) {
            division = Planner.divide(state, division, 0.1);
        }
        return division;
    }

    private static ClusterState tenants() {
        return ClusterState.EMPTY
                .apply(new QuotaChanged(quota("a", 1)))
                .apply(new QuotaChanged(quota("b", 2)))
                .apply(new QuotaChanged(quota("c", 5)));
    }

    private static Quota quota(String tenant, int weight) {
        return Quotas.quota(tenant, weight, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 0, "me");
    }

    private static NodeReport.Tenant busy(String tenant, int permille, int blocked) {
        return new NodeReport.Tenant(tenant, 1, permille * 100_000L, 0, blocked, 0, 0, 0, 0, 0);
    }

    private static NodeReport report(NodeReport.Tenant... tenants) {
        NodeReport.Gpu gpu = new NodeReport.Gpu("g", "GPU", true, 1, 0, Arrays.asList(tenants));
        return new NodeReport("n", 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty());
    }
}
