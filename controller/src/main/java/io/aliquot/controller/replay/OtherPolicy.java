package io.aliquot.controller.replay;

import io.aliquot.controller.fairshare.InvalidPolicyException;
import io.aliquot.controller.policyfile.PolicyFile;
import io.aliquot.controller.policyfile.PolicySteps;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.List;
import java.util.function.UnaryOperator;

/** A whole policy file instead of recorded quotas. Speed factors that the file does not give stay as recorded. Pure. */
public final class OtherPolicy {
    private static final String NAME = "replay";

    private OtherPolicy() {}

    /** All that is wrong with the file; empty when it can be used. */
    public static List<String> problems(PolicyFile file) {
        return PolicySteps.plan(file, ClusterState.EMPTY, true, NAME, "").problems();
    }

    /** From quotas in force to those of the file. */
    public static UnaryOperator<ClusterState> of(PolicyFile file) {
        return inForce -> {
            PolicySteps steps = PolicySteps.plan(file, inForce, true, NAME, "");
            if (!steps.problems().isEmpty()) {
                throw new IllegalArgumentException(String.join("; ", steps.problems()));
            }
            ClusterState state = inForce;
            for (QuotaRequest request : steps.requests()) {
                state = after(state, request);
            }
            return state;
        };
    }

    private static ClusterState after(ClusterState state, QuotaRequest request) throws InvalidPolicyException {
        return switch (QuotaPolicy.validate(request.identified(NAME, 0), state, 0)) {
            case Ruling.Accepted(var quota) -> state.apply(new ClusterEvent.QuotaChanged(quota));
            case Ruling.Removed(String tenant) -> state.apply(new ClusterEvent.QuotaRemoved(tenant));
            case Ruling.Refused(String reason) -> throw new IllegalStateException("planned, and refused: " + reason);
        };
    }
}
