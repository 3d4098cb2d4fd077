package io.aliquot.agent.api;

import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuProcess;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.model.TenantUsage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The last usage as JSON; names as in the model. What could not be read is null. */
final class UsageJson {
    private UsageJson() {}

    static JsonObject of(NodeUsage usage) {
        return new JsonObject()
                .put("node", usage.node())
                .put("labels", new JsonObject(new TreeMap<>(usage.labels().map())))
                .put("sequence", usage.sequence())
                .put("sampledAtUnixMs", usage.sampledAtUnixMs())
                .put("intervalNs", usage.intervalNs())
                .put("applied", usage.applied().map(UsageJson::fence).orElse(null))
                .put("gpus", array(usage.gpus(), UsageJson::gpu));
    }

    private static JsonObject fence(FenceStamp fence) {
        return new JsonObject()
                .put("leaseTopicId", fence.leaseTopicId())
                .put("term", fence.term())
                .put("sequence", fence.sequence());
    }

    private static JsonObject gpu(GpuUsage usage) {
        @Nullable GpuReading reading = usage.reading().orElse(null);
        return new JsonObject()
                .put("uuid", usage.gpu().uuid())
                .put("name", usage.gpu().name())
                .put("simulated", usage.gpu().simulated())
                .put("memoryTotalBytes", usage.gpu().memoryTotalBytes())
                .put("memoryUsedBytes", reading == null ? null : reading.memoryUsedBytes())
                .put("nvmlUtilizationPermille", reading == null ? null : reading.utilizationPermille())
                .put("tenants", array(usage.tenants(), UsageJson::tenant))
                .put("unlimited", array(usage.unlimited(), UsageJson::process));
    }

    private static JsonObject tenant(TenantUsage usage) {
        return new JsonObject()
                .put("tenant", usage.tenant())
                .put("processes", usage.processes())
                .put("gpuNs", usage.gpuNs())
                .put("waitedNs", usage.waitedNs())
                .put("blockedPermille", usage.blockedPermille())
                .put("launches", usage.launches())
                .put("memoryUsedBytes", usage.memoryUsedBytes())
                .put("memoryLimitBytes", usage.memoryLimitBytes())
                .put("weight", usage.weight())
                .put("serviceClass", usage.serviceClass().word())
                .put("targetPermille", usage.targetPermille())
                .put("guaranteedPermille", usage.guaranteedPermille())
                .put("quotaVersion", usage.quotaVersion())
                .put("anomalies", usage.anomalies())
                .put("memoryOverheadBytes", usage.memoryOverheadBytes())
                .put("pinnedBytes", usage.pinnedBytes())
                .put("unhookedLookups", usage.unhookedLookups());
    }

    private static JsonObject process(GpuProcess process) {
        return new JsonObject().put("processId", process.processId()).put("memoryUsedBytes", process.memoryUsedBytes());
    }

    private static <T> JsonArray array(Collection<T> items, Function<T, JsonObject> json) {
        JsonArray array = new JsonArray();
        items.forEach(item -> array.add(json.apply(item)));
        return array;
    }
}
