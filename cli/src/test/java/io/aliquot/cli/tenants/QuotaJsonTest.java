package io.aliquot.cli.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.QuotaChange;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuotaJsonTest {
    private static final QuotaChange WHOLE = new QuotaChange.Builder()
            .weight(2L)
            .floorMilligpus(1500L)
            .ceilingPermille(500L)
            .hardCeiling(true)
            .serviceClass(2)
            .memoryLimitBytes(10L << 30)
            .historyHalfLifeSeconds(3600L)
            .burstCreditGpuSeconds(7200L)
            .gang(true)
            .gpuLabels(Map.of("pool", "a"))
            .build();

    @Test
    void saysOnlyWhatIsSaid() {
        assertThat(QuotaJson.body(QuotaChange.NONE).isEmpty()).isTrue();
        assertThat(QuotaJson.body(new QuotaChange.Builder()
                        .floorMilligpus(1500L)
                        .gang(false)
                        .build()))
                .hasToString("{\"floorGpus\":1.500,\"gang\":false}");
        assertThat(QuotaJson.clusterBody(new TreeMap<>(Map.of("k=v", 400L))))
                .hasToString("{\"gpuSpeed\":{\"k=v\":0.400}}");
    }

    @Test
    void readsBackWhatItSays() {
        ArrayNode tenants = JsonNodeFactory.instance.arrayNode();
        tenants.add(QuotaJson.body(WHOLE).put("tenant", "org"));
        ObjectNode cluster = QuotaJson.clusterBody(new TreeMap<>(Map.of("k=v", 333L)));
        ClusterState state = QuotaJson.inForce(tenants, cluster);
        assertThat(QuotaChange.of(state.quotas().get("org"))).isEqualTo(WHOLE);
        assertThat(state.quotas().get("/").gpuSpeedPermille()).containsExactly(Map.entry("k=v", 333));
        ObjectNode gold = QuotaJson.body(WHOLE).put("tenant", "org").put("serviceClass", "gold");
        assertThatThrownBy(() ->
                        QuotaJson.inForce(JsonNodeFactory.instance.arrayNode().add(gold), cluster))
                .hasMessage("class 'gold' is unknown here");
    }

    @Test
    void showsWhatThereIsToSay() {
        ObjectNode quota = QuotaJson.body(WHOLE).put("tenant", "org");
        assertThat(QuotaWords.line(quota))
                .isEqualTo(
                        "tenant org: class best-effort, weight 2, floor 1.5 GPUs, ceiling 50% hard, memory limit 10 GiB,"
                                + " history 1h, burst credit 2h of a GPU, gang, GPUs pool=a");
        ObjectNode bare = QuotaJson.body(QuotaChange.NEW_TENANT).put("tenant", "a");
        assertThat(QuotaWords.line(bare))
                .isEqualTo("tenant a: class standard, weight 1, floor 0%, ceiling 100%, memory limit none");
    }
}
