package io.aliquot.controller.api;

import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Scope;
import io.aliquot.schema.http.Caller;
import io.aliquot.schema.http.TokenRole;
import java.util.List;
import java.util.Set;

/**
 * Who sends a request, and what that allows: a viewer sees everything, a tenant what concerns its own subtrees, where it also says
 * how what they have is divided, an operator may do everything. Each {@code may…} throws an {@link ApiError} with status 403. Pure.
 *
 * @param requestedBy for audits
 * @param scope whose figures are shown
 * @param words for messages
 */
record Asker(String requestedBy, TokenRole role, Scope scope, String words) {
    /** What divides: it moves time among tenants in one parent, and no more than that parent has. */
    private static final Set<String> DIVIDES = Set.of(
            "weight",
            "floorPermille",
            "ceilingPermille",
            "ceilingMilligpus",
            "hardCeiling",
            "historyHalfLifeSeconds",
            "burstCreditGpuSeconds");

    private static final String OPERATOR_ONLY = "use a token with role operator, or ask whoever runs the cluster";

    /** Somebody on this machine, where no tokens are in force. */
    static Asker local(String address) {
        return new Asker("http:" + address, TokenRole.OPERATOR, Scope.ALL, "everybody");
    }

    /** Whoever has that token. */
    static Asker of(Caller caller) {
        Scope scope = caller.role() == TokenRole.TENANT ? Scope.of(caller.tenants()) : Scope.ALL;
        return new Asker("token:" + caller.name(), caller.role(), scope, "token " + caller);
    }

    void mayOperate(String what) {
        if (role != TokenRole.OPERATOR) {
            throw new ApiError(403, what + " needs role operator; this is " + words, OPERATOR_ONLY);
        }
    }

    void maySeeAll(String what) {
        if (!scope.all()) {
            throw new ApiError(
                    403, what + " needs role viewer or operator; this is " + words, "use a token with such a role");
        }
    }

    void maySee(String tenant) {
        if (!scope.sees(tenant)) {
            throw new ApiError(
                    403,
                    "tenant '" + tenant + "' needs role viewer or operator, or tenant of it; this is " + words,
                    "ask for " + scope + " or what is in it");
        }
    }

    /** Before it is known what is to change. */
    void mayDivide(String tenant) {
        switch (role) {
            case OPERATOR -> {
                // Everything.
            }
            case VIEWER ->
                throw new ApiError(
                        403,
                        "to change tenant '" + tenant + "' needs role operator, or tenant of what it is in; this is "
                                + words,
                        OPERATOR_ONLY);
            case TENANT -> {
                if (!scope.holds(tenant)) {
                    throw new ApiError(
                            403,
                            scope.sees(tenant)
                                    ? "what '" + tenant + "' has itself needs role operator; this is " + words
                                    : "tenant '" + tenant
                                            + "' needs role operator, or tenant of what it is in; this is " + words,
                            "change a tenant in " + scope + ", or use a token with role operator");
                }
            }
        }
    }

    /** @param exists whether the tenant is there */
    void mayAsk(QuotaRequest request, boolean exists) {
        mayDivide(request.tenant());
        if (role == TokenRole.OPERATOR) {
            return;
        }
        if (request.remove() || !exists) {
            throw new ApiError(
                    403,
                    "to " + (request.remove() ? "remove" : "make") + " tenant '" + request.tenant()
                            + "' needs role operator; this is " + words,
                    OPERATOR_ONLY);
        }
        QuotaChange change = request.change();
        List<String> others = change.saidOfATenant().stream()
                .filter(field -> !DIVIDES.contains(field))
                .map(field -> field.replace("Milligpus", "Gpus").replace("gpuLabels", "gpus"))
                .toList();
        if (!others.isEmpty() || change.gpuSpeedPermille() != null) {
            throw new ApiError(
                    403,
                    String.join(", ", others) + " needs role operator, for it acts beyond " + scope + "; this is "
                            + words,
                    "set only weight, floorPermille, ceilingPermille, ceilingGpus, hardCeiling, historyHalfLifeSeconds"
                            + " and burstCreditGpuSeconds");
        }
    }
}
