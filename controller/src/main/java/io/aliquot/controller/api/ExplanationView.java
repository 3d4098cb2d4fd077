package io.aliquot.controller.api;

import io.aliquot.controller.division.GpuExplanation;
import io.aliquot.controller.division.Share;
import io.aliquot.controller.division.TenantExplanation;
import io.aliquot.controller.division.TenantWords;
import io.aliquot.controller.fairshare.Explanation;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Scope;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Explanations to JSON. Parts of a GPU's time are permille with up to three decimals, amounts GPU-equivalents. Pure. */
final class ExplanationView {
    private static final double PERMILLE = 1000;
    private static final double DIGITS = 1e6;

    private ExplanationView() {}

    /**
     * @param tenant one of the view's tree
     * @param scope sees the tenant
     */
    static JsonObject of(ClusterView view, String tenant, Scope scope) {
        TenantExplanation explanation = ScopedExplanation.of(view.division().explain(tenant), scope);
        Map<String, NodeReport.Gpu> reported = gpus(view);
        JsonArray levels = new JsonArray();
        explanation.entitlement().levels().forEach(level -> levels.add(level(level)));
        JsonArray gpus = new JsonArray();
        explanation.gpus().forEach(gpu -> gpus.add(gpu(gpu, reported.get(gpu.gpu()))));
        return new JsonObject()
                .put("tenant", tenant)
                .put("words", new JsonArray(TenantWords.say(explanation)))
                .put("simulated", isSimulated(view))
                .put("entitledGpus", rounded(explanation.entitlement().tenant().entitledGpus()))
                .put("publishedGpus", rounded(explanation.publishedGpus()))
                .put("sharedGpus", rounded(explanation.sharedGpus()))
                .put("usedGpus", rounded(explanation.usedGpus()))
                .put("atOnceGpus", rounded(explanation.atOnceGpus()))
                .put("levels", levels)
                .put("gpus", gpus);
    }

    /** Whether any of the GPUs is simulated: whatever shows figures of them says so. */
    static boolean isSimulated(ClusterView view) {
        return gpus(view).values().stream().anyMatch(NodeReport.Gpu::simulated);
    }

    private static Map<String, NodeReport.Gpu> gpus(ClusterView view) {
        Map<String, NodeReport.Gpu> gpus = new HashMap<>();
        view.state().nodes().values().forEach(node -> node.report().gpus().forEach(gpu -> gpus.put(gpu.uuid(), gpu)));
        return gpus;
    }

    private static JsonObject level(Explanation.Level level) {
        return new JsonObject()
                .put("tenant", level.path())
                .put("parentGpus", rounded(level.parentGpus()))
                .put("demandGpus", rounded(level.demandGpus()))
                .put("fairGpus", rounded(level.fairGpus()))
                .put("floorGpus", rounded(level.floorGpus()))
                .put("ceilingGpus", rounded(level.ceilingGpus()))
                .put("hardCeiling", level.hardCeiling())
                .put("serviceClass", level.priority().word())
                .put("weight", rounded(level.weight()))
                .put("effectiveWeight", rounded(level.effectiveWeight()))
                .put("entitledGpus", rounded(level.entitledGpus()))
                .put("bindsBy", word(level.binding()))
                .put("borrowsFrom", flows(level.borrowsFrom()))
                .put("lendsTo", flows(level.lendsTo()))
                .put("reclaimsGpus", rounded(level.reclaimsGpus()));
    }

    private static JsonArray flows(List<Explanation.Flow> flows) {
        JsonArray array = new JsonArray();
        flows.forEach(flow -> array.add(new JsonObject()
                .put("tenant", flow.path())
                .put("gpus", rounded(flow.gpus()))
                .put("idle", flow.idle())));
        return array;
    }

    private static JsonObject gpu(GpuExplanation gpu, NodeReport.@Nullable Gpu reported) {
        Share share = gpu.share();
        return new JsonObject()
                .put("node", gpu.node())
                .put("gpu", gpu.gpu())
                .put("name", reported == null ? "" : reported.name())
                .put("simulated", reported != null && reported.simulated())
                .put("speed", rounded(gpu.speed()))
                .put("tenant", share.tenant())
                .put("demandPermille", permille(share.demand()))
                .put("usedPermille", permille(share.use()))
                .put("sharePermille", permille(share.share()))
                .put("guaranteedPermille", permille(share.guaranteed()))
                .put("floorPermille", permille(share.floor()))
                .put("ceilingPermille", permille(share.ceiling()))
                .put("hardCeiling", share.hardCeiling())
                .put("bindsBy", word(gpu.binding()))
                .put("borrowsFrom", parts(gpu.borrowsFrom()))
                .put("lendsTo", parts(gpu.lendsTo()));
    }

    private static JsonArray parts(List<GpuExplanation.Flow> flows) {
        JsonArray array = new JsonArray();
        flows.forEach(flow ->
                array.add(new JsonObject().put("tenant", flow.tenant()).put("permille", permille(flow.part()))));
        return array;
    }

    private static String word(Enum<?> binding) {
        return binding.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static double permille(double part) {
        return Math.rint(part * DIGITS) / (DIGITS / PERMILLE);
    }

    static double rounded(double gpus) {
        return Math.rint(gpus * DIGITS) / DIGITS;
    }
}
