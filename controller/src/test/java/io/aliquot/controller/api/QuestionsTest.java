package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.ClusterEvent.TelemetryReceived;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Planner;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.Scope;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private static NodeReport.Tenant busy(String tenant) {
        return new NodeReport.Tenant(tenant, 1, 50_000_000, 0, 500, 0, 0, 0, 500, 1);
    }

    private static ClusterView view() {
        NodeReport.Gpu gpu = new NodeReport.Gpu("GPU-1", "Simulated", true, 1, 0, List.of(busy("a"), busy("b")));
        ClusterState state = ClusterState.EMPTY
                .apply(new QuotaChanged(Quotas.quota("a", QuotaChange.NONE)))
                .apply(new QuotaChanged(Quotas.quota("b", QuotaChange.NONE)))
                .apply(new TelemetryReceived(
                        List.of(new NodeReport("n", 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty())), 0));
        Division division = null;
        for (int i = 0; i < 8; i++) {
            division = Planner.divide(state, division, 0.1);
        }
        return new ClusterView(state, division, Map.of(), 0);
    }

    private static JsonObject tenant(JsonObject answer, String tenant) {
        return answer.getJsonArray("tenants").stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getString("tenant").equals(tenant))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void explainsATenantInWordsAndFigures() {
        JsonObject answer = ExplanationView.of(view(), "a", Scope.ALL);
        assertThat(answer.getBoolean("simulated")).isTrue();
        assertThat(answer.getDouble("entitledGpus")).isEqualTo(0.5);
        assertThat(answer.getJsonArray("words").getString(0))
                .isEqualTo(
                        "a is entitled to 0.5 GPUs and wants 1 GPU; its fair share of the 1 GPU of the cluster is 0.5"
                                + " GPUs.");
        JsonObject gpu = answer.getJsonArray("gpus").getJsonObject(0);
        assertThat(gpu.getDouble("sharePermille")).isEqualTo(500);
        assertThat(gpu.getString("bindsBy")).isEqualTo("others");
        assertThat(answer.getJsonArray("levels").getJsonObject(0).getString("bindsBy"))
                .isEqualTo("weight");
    }

    @Test
    void aPolicyIsTriedOnTheLiveState() {
        JsonObject answer =
                WhatIfAnswer.of(view(), "{\"tenants\":[{\"tenant\":\"a\",\"weight\":3},{\"tenant\":\"c\"}]}", false);
        assertThat(answer.getJsonArray("changes")).hasSize(2);
        assertThat(tenant(answer, "a").getJsonObject("before").getDouble("sharedGpus"))
                .isEqualTo(0.5);
        assertThat(tenant(answer, "a").getJsonObject("after").getDouble("sharedGpus"))
                .isEqualTo(0.75);
        assertThat(tenant(answer, "c").getJsonObject("before")).isNull();
        assertThat(tenant(answer, "c").getJsonObject("after").getDouble("sharedGpus"))
                .isZero();
    }

    @Test
    void aRemovedTenantHasNothingAfter() {
        JsonObject answer = WhatIfAnswer.of(view(), "{\"tenants\":[{\"tenant\":\"a\"}]}", true);
        assertThat(tenant(answer, "b").getJsonObject("after")).isNull();
        assertThat(tenant(answer, "a").getJsonObject("after").getDouble("sharedGpus"))
                .isEqualTo(1);
    }

    @Test
    void allThatIsWrongIsSaid() {
        String file = "{\"tenants\":[{\"tenant\":\"x/y\"},{\"tenant\":\"a\",\"weight\":NaN},{\"tenant\":\"a\"}]}";
        assertThatThrownBy(() -> WhatIfAnswer.of(view(), file, false))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining("x/y")
                .hasMessageContaining("NaN")
                .hasMessageContaining("given twice");
        assertThatThrownBy(() -> WhatIfAnswer.of(view(), null, false)).hasMessageContaining("the file is no JSON");
    }
}
