package io.aliquot.controller.api;

import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.NodeState;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.Scope;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** State to JSON. Pure. */
final class Views {
    private Views() {}

    static JsonObject quota(Quota quota) {
        if (quota.isCluster()) {
            return changed(cluster(quota), quota);
        }
        String parent = quota.policy().parent();
        JsonObject json = new JsonObject()
                .put("tenant", quota.tenant())
                .put("parent", parent.isEmpty() ? Quota.CLUSTER : parent)
                .put("weight", quota.weight());
        amount(json, "floor", quota.floorPermille(), quota.floorMilligpus());
        amount(json, "ceiling", quota.ceilingPermille(), quota.ceilingMilligpus());
        json.put("hardCeiling", quota.hardCeiling())
                .put("serviceClass", quota.serviceClass().word())
                .put("memoryLimitBytes", quota.memoryLimitBytes())
                .put("historyHalfLifeSeconds", quota.historyHalfLifeSeconds())
                .put("burstCreditGpuSeconds", quota.burstCreditGpuSeconds())
                .put("gang", quota.gang())
                .put("gpus", new JsonObject(new TreeMap<>(quota.gpuLabels())));
        return changed(json, quota);
    }

    /**
     * The cluster's speed factors; also of a cluster that was never given any. Amounts in GPUs mean nothing without them, so
     * everybody sees them; but not who set them.
     */
    static JsonObject cluster(ClusterView view, Scope scope) {
        Quota quota = view.state().quotas().get(Quota.CLUSTER);
        if (quota == null) {
            return new JsonObject().put("gpuSpeed", new JsonObject());
        }
        return scope.all() ? quota(quota) : cluster(quota);
    }

    private static JsonObject cluster(Quota quota) {
        JsonObject speeds = new JsonObject();
        quota.gpuSpeedPermille().forEach((label, permille) -> speeds.put(label, permille / 1000.0));
        return new JsonObject().put("gpuSpeed", speeds);
    }

    private static void amount(JsonObject json, String field, int permille, long milligpus) {
        if (milligpus > 0) {
            json.put(field + "Gpus", milligpus / 1000.0);
        } else {
            json.put(field + "Permille", permille);
        }
    }

    private static JsonObject changed(JsonObject json, Quota quota) {
        return json.put("version", quota.version())
                .put("changedAtUnixMs", quota.changedAtUnixMs())
                .put("changedBy", quota.changedBy());
    }

    /** Each tenant before those that are in it, and these before its next sibling. */
    static JsonObject tenants(ClusterView view, Scope scope) {
        JsonArray tenants = new JsonArray();
        view.state().quotas().values().stream()
                .filter(quota -> !quota.isCluster() && scope.sees(quota.tenant()))
                .sorted(Comparator.comparing(quota -> quota.tenant().replace('/', '\0')))
                .forEach(quota -> tenants.add(quota(quota)));
        return new JsonObject().put("tenants", tenants);
    }

    /**
     * Of a scope that is not all there are only the nodes and GPUs where some of it is, without what all use there together.
     *
     * @param nowMs on the view's clock
     */
    static JsonObject allocations(ClusterView view, long nowMs, Scope scope) {
        JsonArray nodes = new JsonArray();
        view.state().nodes().forEach((name, node) -> {
            JsonObject json = node(view, name, node, nowMs, scope);
            if (scope.all() || !json.getJsonArray("gpus").isEmpty()) {
                nodes.add(json);
            }
        });
        return new JsonObject().put("nodes", nodes);
    }

    private static JsonObject node(ClusterView view, String name, NodeState node, long nowMs, Scope scope) {
        Map<String, NodePlan.Gpu> plans = new HashMap<>();
        NodePlan plan = view.plans().get(name);
        if (plan != null) {
            plan.gpus().forEach(gpu -> plans.put(gpu.uuid(), gpu));
        }
        JsonArray gpus = new JsonArray();
        node.report().gpus().forEach(gpu -> {
            JsonObject json = gpu(node, gpu, plans.get(gpu.uuid()), scope);
            if (scope.all() || !json.getJsonArray("tenants").isEmpty()) {
                gpus.add(json);
            }
        });
        JsonObject json = new JsonObject()
                .put("node", name)
                .put("lastTelemetryAgeMs", nowMs - node.receivedAtMs())
                .put("silent", node.silent())
                .put("gpus", gpus);
        node.report()
                .applied()
                .ifPresent(fence -> json.put(
                        "applied", new JsonObject().put("term", fence.term()).put("sequence", fence.sequence())));
        return json;
    }

    private static JsonObject gpu(NodeState node, NodeReport.Gpu gpu, NodePlan.@Nullable Gpu plan, Scope scope) {
        Map<String, NodeReport.Tenant> reported = new HashMap<>();
        gpu.tenants().forEach(tenant -> reported.put(tenant.tenant(), tenant));
        Map<String, NodePlan.Share> planned = new HashMap<>();
        if (plan != null) {
            plan.tenants().forEach(share -> planned.put(share.tenant(), share));
        }
        TreeSet<String> names = new TreeSet<>(reported.keySet());
        names.addAll(planned.keySet());
        names.removeIf(name -> !scope.sees(name));
        JsonArray tenants = new JsonArray();
        names.forEach(name -> tenants.add(tenant(node, gpu, name, reported.get(name), planned.get(name))));
        JsonObject json = new JsonObject()
                .put("gpu", gpu.uuid())
                .put("name", gpu.name())
                .put("simulated", gpu.simulated())
                .put("memoryTotalBytes", gpu.memoryTotalBytes());
        if (scope.all()) {
            json.put("memoryUsedBytes", gpu.memoryUsedBytes());
        }
        return json.put("tenants", tenants);
    }

    private static JsonObject tenant(
            NodeState node,
            NodeReport.Gpu gpu,
            String name,
            NodeReport.@Nullable Tenant reported,
            NodePlan.@Nullable Share planned) {
        JsonObject json = new JsonObject()
                .put("tenant", name)
                .put("known", planned != null)
                .put("weight", planned == null ? 0 : planned.weight())
                .put("targetPermille", planned == null ? 0 : planned.targetPermille())
                .put("fallbackPermille", planned == null ? 0 : planned.fallbackPermille())
                .put("memoryLimitBytes", planned == null ? 0 : planned.memoryLimitBytes())
                .put("quotaVersion", planned == null ? 0 : planned.quotaVersion())
                .put("appliedQuotaVersion", reported == null ? 0 : reported.quotaVersion());
        NodeState.Usage usage = node.usage(gpu.uuid(), name).orElse(new NodeState.Usage(0, 0));
        return json.put("achievedPermille", Math.round(usage.achievedPermille()))
                .put("demandPermille", Math.round(usage.demandPermille()))
                .put("blockedPermille", reported == null ? 0 : reported.blockedPermille())
                .put("processes", reported == null ? 0 : reported.processes())
                .put("memoryUsedBytes", reported == null ? 0 : reported.memoryUsedBytes())
                .put("anomalies", reported == null ? 0 : reported.anomalies());
    }
}
