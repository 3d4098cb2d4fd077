package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.schema.ServiceClass;
import java.math.BigDecimal;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Quotas as the controller's API has them. Pure. */
final class QuotaJson {
    private QuotaJson() {}

    /** The body of a PUT that says this of a tenant. */
    static ObjectNode body(QuotaChange said) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        put(said.weight(), value -> json.put("weight", value));
        put(said.floorPermille(), value -> json.put("floorPermille", value));
        put(said.floorMilligpus(), value -> json.put("floorGpus", thousandths(value)));
        put(said.ceilingPermille(), value -> json.put("ceilingPermille", value));
        put(said.ceilingMilligpus(), value -> json.put("ceilingGpus", thousandths(value)));
        if (said.hardCeiling() != null) {
            json.put("hardCeiling", said.hardCeiling());
        }
        if (said.serviceClass() != null) {
            ServiceClass.ofNumber(said.serviceClass()).ifPresent(known -> json.put("serviceClass", known.word()));
        }
        put(said.memoryLimitBytes(), value -> json.put("memoryLimitBytes", value));
        put(said.historyHalfLifeSeconds(), value -> json.put("historyHalfLifeSeconds", value));
        put(said.burstCreditGpuSeconds(), value -> json.put("burstCreditGpuSeconds", value));
        if (said.gang() != null) {
            json.put("gang", said.gang());
        }
        if (said.gpuLabels() != null) {
            ObjectNode labels = json.putObject("gpus");
            said.gpuLabels().forEach(labels::put);
        }
        return json;
    }

    /** The body of a PUT that says these factors of the cluster. */
    static ObjectNode clusterBody(SortedMap<String, Long> speedPermille) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode speeds = json.putObject("gpuSpeed");
        speedPermille.forEach((label, permille) -> speeds.put(label, thousandths(permille)));
        return json;
    }

    /**
     * What is in force; no nodes.
     *
     * @throws IllegalArgumentException when these are no quotas that this build knows
     */
    static ClusterState inForce(JsonNode tenants, JsonNode cluster) {
        SortedMap<String, Quota> quotas = new TreeMap<>();
        for (JsonNode tenant : tenants) {
            String path = tenant.path("tenant").asText();
            quotas.put(path, quota(path, change(tenant).over(QuotaChange.NEW_TENANT), tenant));
        }
        SortedMap<String, Long> speeds = map(cluster.path("gpuSpeed"), QuotaJson::milli);
        if (!speeds.isEmpty()) {
            QuotaChange said =
                    new QuotaChange.Builder().gpuSpeedPermille(speeds).build();
            quotas.put(Quota.CLUSTER, quota(Quota.CLUSTER, said, cluster));
        }
        return ClusterState.of(quotas);
    }

    private static Quota quota(String tenant, QuotaChange all, JsonNode json) {
        long version = json.path("version").asLong();
        return Quota.of(tenant, all, version, json.path("changedAtUnixMs").asLong(), "");
    }

    private static QuotaChange change(JsonNode json) {
        String word = json.path("serviceClass").asText();
        return new QuotaChange.Builder()
                .weight(read(json, "weight", JsonNode::asLong))
                .floorPermille(read(json, "floorPermille", JsonNode::asLong))
                .floorMilligpus(read(json, "floorGpus", QuotaJson::milli))
                .ceilingPermille(read(json, "ceilingPermille", JsonNode::asLong))
                .ceilingMilligpus(read(json, "ceilingGpus", QuotaJson::milli))
                .hardCeiling(read(json, "hardCeiling", JsonNode::asBoolean))
                .serviceClass(ServiceClass.ofWord(word)
                        .orElseThrow(() -> new IllegalArgumentException("class '" + word + "' is unknown here"))
                        .number())
                .memoryLimitBytes(read(json, "memoryLimitBytes", JsonNode::asLong))
                .historyHalfLifeSeconds(read(json, "historyHalfLifeSeconds", JsonNode::asLong))
                .burstCreditGpuSeconds(read(json, "burstCreditGpuSeconds", JsonNode::asLong))
                .gang(read(json, "gang", JsonNode::asBoolean))
                .gpuLabels(map(json.path("gpus"), JsonNode::asText))
                .build();
    }

    private static <T> @Nullable T read(JsonNode json, String field, Function<JsonNode, T> value) {
        return json.has(field) ? value.apply(json.path(field)) : null;
    }

    private static <T> SortedMap<String, T> map(JsonNode json, Function<JsonNode, T> value) {
        SortedMap<String, T> map = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            map.put(entry.getKey(), value.apply(entry.getValue()));
        }
        return map;
    }

    private static long milli(JsonNode number) {
        return Math.round(number.asDouble() * 1000);
    }

    private static BigDecimal thousandths(long value) {
        return BigDecimal.valueOf(value, 3);
    }

    private static void put(@Nullable Long value, LongConsumer field) {
        if (value != null) {
            field.accept(value);
        }
    }
}
