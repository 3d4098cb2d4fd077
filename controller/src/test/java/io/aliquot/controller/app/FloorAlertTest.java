package io.aliquot.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.ClusterEvent.TelemetryReceived;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Planner;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.Quotas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FloorAlertTest {
    private final FloorAlert alert = new FloorAlert();

    /** One GPU, and tenants that are guaranteed so many GPUs and want all. */
    private static ClusterView view(double floorGpus, long atMs) {
        NodeReport.Tenant a = new NodeReport.Tenant("a", 1, 50_000_000, 0, 900, 0, 0, 0, 0, 1);
        NodeReport.Tenant b = new NodeReport.Tenant("b", 1, 50_000_000, 0, 900, 0, 0, 0, 0, 1);
        NodeReport.Gpu gpu = new NodeReport.Gpu("g", "GPU", true, 1, 0, List.of(a, b));
        QuotaChange floor =
                new QuotaChange.Builder().floor(new Amount.Gpus(floorGpus)).build();
        ClusterState state = ClusterState.EMPTY
                .apply(new QuotaChanged(Quotas.quota("a", floor)))
                .apply(new QuotaChanged(Quotas.quota("b", floor)))
                .apply(new TelemetryReceived(
                        List.of(new NodeReport("n", 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty())), 0));
        return new ClusterView(state, Planner.divide(state, null, 0.1), Map.of(), atMs);
    }

    @Test
    void saysOnceThatFloorsCantBeMetAndThatTheyAreAgain() {
        assertThat(alert.look(view(0.3, 0))).isEmpty();
        assertThat(alert.look(view(0.8, 100)))
                .hasSize(3)
                .anyMatch(line -> line.startsWith(
                        "floor of tenant 'a' is not met: it would use 0.8 GPUs of it and gets 0.5 GPUs: add GPUs"))
                .anyMatch(line -> line.startsWith("on 1 GPUs the floors in use exceed what there is"));
        assertThat(alert.look(view(0.8, 60_000))).isEmpty();
        assertThat(alert.look(view(0.3, 60_100)))
                .containsExactly(
                        "floor of tenant 'a' is met again",
                        "floor of tenant 'b' is met again",
                        "on every GPU the floors in use fit again");
    }

    @Test
    void whatFluttersIsSaidEveryTenSeconds() {
        assertThat(alert.look(view(0.8, 0))).isNotEmpty();
        assertThat(alert.look(view(0.3, 9_999))).isEmpty();
        assertThat(alert.look(view(0.8, 10_000))).isEmpty();
        assertThat(alert.look(view(0.3, 10_100))).isNotEmpty();
    }
}
