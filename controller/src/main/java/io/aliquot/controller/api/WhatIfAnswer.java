package io.aliquot.controller.api;

import io.aliquot.controller.policyfile.PolicyFile;
import io.aliquot.controller.policyfile.PolicySteps;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import io.aliquot.controller.state.WhatIf;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a policy file would change, as JSON: the requests that it comes to, and every tenant before and after. Pure. */
final class WhatIfAnswer {
    private WhatIfAnswer() {}

    /**
     * Answers; it takes some ticks' work.
     *
     * @param prune the tenants that the file does not name would be removed
     * @throws ApiError 422 with all that is wrong with the file
     */
    static JsonObject of(ClusterView view, @Nullable String file, boolean prune) {
        PolicySteps steps =
                PolicySteps.plan(PolicyFile.read(file == null ? "" : file), view.state(), prune, "what-if", "");
        if (!steps.problems().isEmpty()) {
            throw new ApiError(422, String.join("; ", steps.problems()), "correct the file; nothing was changed");
        }
        ClusterState after = view.state();
        for (QuotaRequest request : steps.requests()) {
            after = apply(after, request);
        }
        JsonArray tenants = new JsonArray();
        WhatIf.compare(view, after.quotas()).forEach(row -> tenants.add(row(row)));
        return new JsonObject()
                .put("changes", changes(steps.requests()))
                .put("simulated", ExplanationView.isSimulated(view))
                .put("tenants", tenants);
    }

    private static ClusterState apply(ClusterState state, QuotaRequest request) {
        return switch (QuotaPolicy.validate(request.identified("what-if", 0), state, 0)) {
            case Ruling.Accepted(var quota) -> state.apply(new ClusterEvent.QuotaChanged(quota));
            case Ruling.Removed(String tenant) -> state.apply(new ClusterEvent.QuotaRemoved(tenant));
            case Ruling.Refused(String reason) -> throw new IllegalStateException("planned, and refused: " + reason);
        };
    }

    private static JsonArray changes(List<QuotaRequest> requests) {
        JsonArray changes = new JsonArray();
        requests.forEach(request ->
                changes.add(new JsonObject().put("tenant", request.tenant()).put("remove", request.remove())));
        return changes;
    }

    private static JsonObject row(WhatIf.Row row) {
        return new JsonObject()
                .put("tenant", row.tenant())
                .put("demandGpus", ExplanationView.rounded(row.demandGpus()))
                .put("before", outcome(row.before()))
                .put("after", outcome(row.after()));
    }

    private static @Nullable JsonObject outcome(WhatIf.@Nullable Outcome outcome) {
        return outcome == null
                ? null
                : new JsonObject()
                        .put("entitledGpus", ExplanationView.rounded(outcome.entitledGpus()))
                        .put("sharedGpus", ExplanationView.rounded(outcome.sharedGpus()));
    }
}
