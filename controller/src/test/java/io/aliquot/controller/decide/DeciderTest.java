package io.aliquot.controller.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.SampleMark;
import io.aliquot.schema.ServiceClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeciderTest {
    private final Decider decider = new Decider(ClusterState.EMPTY, 0);

    @Test
    void aNodesFirstReportIsAnsweredAndAnotherThatSaysTheSameIsNot() {
        assertThat(decider.tick(List.of(report("n")), 0))
                .extracting(NodePlan::node)
                .containsExactly("n");
        assertThat(decider.tick(List.of(report("n")), 100)).isEmpty();
    }

    @Test
    void aChangedQuotaIsToldToEveryNodeAtOnceInTheOrderOfTheirNames() {
        decider.tick(List.of(report("n2"), report("n1")), 0);
        List<NodePlan> plans = decider.changed(List.of(quota("a")), 1);
        assertThat(plans).extracting(NodePlan::node).containsExactly("n1", "n2");
        assertThat(plans.getFirst().gpus().getFirst().tenants().getFirst().tenant())
                .isEqualTo("a");
        assertThat(decider.view().state().quotas()).containsKey("a");
    }

    @Test
    void everythingIsToldAgainAfterTwoSeconds() {
        decider.tick(List.of(report("n")), 0);
        assertThat(decider.tick(List.of(), DecisionBook.REPEAT_MS - 1)).isEmpty();
        assertThat(decider.tick(List.of(), DecisionBook.REPEAT_MS)).hasSize(1);
    }

    @Test
    void aDecisionNamesTheReportThatItAnswersAndARepetitionNone() {
        SampleMark mark = new SampleMark(1, 77);
        NodeReport marked = new NodeReport(
                "n", 1, 0, Optional.of(mark), 100_000, report("n").gpus(), Map.of(), Optional.empty());
        assertThat(decider.tick(List.of(marked), 0).getFirst().answers()).contains(mark);
        assertThat(decider.changed(List.of(quota("a")), 1).getFirst().answers()).isEmpty();
        assertThat(decider.changed(List.of(quota("a")), 2)).isEmpty(); // a mark alone is no difference
        assertThat(decider.tick(List.of(), DecisionBook.REPEAT_MS + 1)
                        .getFirst()
                        .answers())
                .isEmpty();
        assertThat(decider.view().plans().values())
                .extracting(NodePlan::answers)
                .containsOnly(Optional.empty());
    }

    @Test
    void aNodeThatStopsReportingTurnsSilentAndIsForgottenLater() {
        decider.tick(List.of(report("n")), 0);
        decider.tick(List.of(), Decider.SILENT_MS);
        assertThat(decider.view().state().nodes().get("n").silent()).isFalse();
        assertThat(decider.tick(List.of(), Decider.SILENT_MS + 1)).isEmpty();
        assertThat(decider.view().state().nodes().get("n").silent()).isTrue();
        assertThat(decider.view().plans()).containsKey("n");
        decider.tick(List.of(), Decider.FORGOTTEN_MS + 1);
        assertThat(decider.view().state().nodes()).isEmpty();
        assertThat(decider.view().plans()).isEmpty();
        assertThat(decider.tick(List.of(report("n")), Decider.FORGOTTEN_MS + 2)).hasSize(1);
    }

    private static ClusterEvent quota(String tenant) {
        return new ClusterEvent.QuotaChanged(
                Quotas.quota(tenant, 3, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 0, "me"));
    }

    private static NodeReport report(String node) {
        NodeReport.Gpu gpu = new NodeReport.Gpu("g-" + node, "GPU", true, 1, 0, List.of());
        return new NodeReport(node, 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty());
    }
}
