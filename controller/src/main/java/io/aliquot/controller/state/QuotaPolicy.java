package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Permille;
import io.aliquot.controller.fairshare.PolicyProblem;
import io.aliquot.controller.fairshare.PolicyRules;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which quotas may be. Pure; any thread. */
public final class QuotaPolicy {
    /** The least memory limit: below it no CUDA context fits. */
    public static final long MIN_MEMORY_BYTES = 16L << 20;

    /** The largest memory limit; a larger number is a slip. */
    public static final long MAX_MEMORY_BYTES = 1L << 50;

    private static final int MAX_ID = 128;
    private static final int MAX_TEXT = 1024;

    private QuotaPolicy() {}

    /**
     * Rules on a request.
     *
     * @param state what is in force; only its quotas matter
     * @param nowUnixMs when it is ruled, kept in the quota
     */
    public static Ruling validate(QuotaRequest request, ClusterState state, long nowUnixMs) {
        try {
            checkTexts(request);
            Quota before = state.quotas().get(request.tenant());
            return request.remove() ? remove(request, before, state) : change(request, before, state, nowUnixMs);
        } catch (IllegalArgumentException e) {
            return new Ruling.Refused(String.valueOf(e.getMessage()));
        }
    }

    /** Why a path can't be a tenant's; empty when it can. The cluster itself is no tenant. */
    public static Optional<String> tenantProblem(String tenant) {
        try {
            QuotaFields.checkTenant(tenant);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Ruling change(QuotaRequest request, @Nullable Quota before, ClusterState state, long nowUnixMs) {
        String tenant = request.tenant();
        boolean cluster = tenant.equals(Quota.CLUSTER);
        List<String> said = request.change().saidOfATenant();
        if (cluster && !said.isEmpty()) {
            throw QuotaFields.refused(
                    tenant, String.join(", ", said), "expected gpuSpeeds alone: it is the cluster itself");
        }
        if (!cluster && request.change().gpuSpeedPermille() != null) {
            throw QuotaFields.refused(tenant, "gpuSpeeds", "set them for '/', the cluster itself");
        }
        QuotaChange unsaid = cluster ? QuotaChange.NEW_CLUSTER : QuotaChange.NEW_TENANT;
        Quota quota = Quota.of(
                tenant,
                request.change().over(before == null ? unsaid : QuotaChange.of(before)),
                before == null ? 1 : before.version() + 1,
                nowUnixMs,
                request.requestedBy());
        if (!cluster) {
            checkAmongOthers(quota, before, state);
        }
        return new Ruling.Accepted(quota);
    }

    private static Ruling remove(QuotaRequest request, @Nullable Quota before, ClusterState state) {
        String tenant = request.tenant();
        List<String> said = request.change().saidOfATenant();
        if (request.change().gpuSpeedPermille() != null) {
            said.add("gpuSpeeds");
        }
        if (!said.isEmpty()) {
            throw QuotaFields.refused(
                    tenant, "remove true with " + String.join(", ", said), "a removal takes no other field");
        }
        if (before == null) {
            throw tenant.equals(Quota.CLUSTER)
                    ? QuotaFields.refused(tenant, "it has no speed factors", "there is nothing to remove")
                    : new IllegalArgumentException(
                            "tenant '" + tenant + "' does not exist: expected one that is listed");
        }
        if (!before.isCluster()) {
            checkHasNone(before, state.tree());
        }
        return new Ruling.Removed(tenant);
    }

    private static void checkHasNone(Quota quota, PolicyTree tree) {
        int node = tree.index(quota.tenant());
        int children = tree.endChild(node) - tree.firstChild(node);
        if (children > 0) {
            throw QuotaFields.refused(
                    quota.tenant(),
                    "it has " + children + (children == 1 ? " tenant" : " tenants") + " in it, such as "
                            + tree.path(tree.firstChild(node)),
                    "remove what is in it first");
        }
    }

    private static void checkAmongOthers(Quota quota, @Nullable Quota before, ClusterState state) {
        if (before != null && before.policy().equals(quota.policy())) {
            return;
        }
        checkFloors(quota, state);
        if (before == null) {}
        List<TenantPolicy> tenants = new ArrayList<>(state.tree().tenants());
        tenants.removeIf(other -> other.path().equals(quota.tenant()));
        tenants.add(quota.policy());
        List<PolicyProblem> problems = PolicyRules.check(tenants);
        if (!problems.isEmpty()) {
            String all = problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("; "));
            boolean own = problems.getFirst().path().equals(quota.tenant());
            throw new IllegalArgumentException(
                    own ? all : "tenant '" + quota.tenant() + "': " + amounts(quota) + ": " + all);
        }
    }

    /** Percents, for which the rules of the tree say only that they are too many together. */
    private static void checkFloors(Quota quota, ClusterState state) {
        TenantPolicy policy = quota.policy();
        int others = state.quotas().values().stream()
                .filter(other -> !other.isCluster() && !other.tenant().equals(quota.tenant()))
                .filter(other -> other.policy().parent().equals(policy.parent()))
                .mapToInt(Quota::floorPermille)
                .sum();
        if (quota.floorPermille() > 0 && others + quota.floorPermille() > Permille.WHOLE) {
            throw QuotaFields.refused(
                    quota.tenant(),
                    "floor " + policy.floor(),
                    "the floors of the others in " + (policy.parent().isEmpty() ? "the cluster" : policy.parent())
                            + " come to " + percent(others) + ", expected at most " + percent(Permille.WHOLE - others));
        }
    }

    private static String amounts(Quota quota) {
        return "floor " + quota.policy().floor() + ", ceiling " + quota.policy().ceiling();
    }

    private static String percent(int permille) {
        return BigDecimal.valueOf(permille, 1).stripTrailingZeros().toPlainString() + " %";
    }

    private static void checkTexts(QuotaRequest request) {
        int id = request.requestId().length();
        if (id < 1 || id > MAX_ID) {
            throw new IllegalArgumentException("requestId of " + id + " characters: expected 1 to " + MAX_ID);
        }
        checkText("reason", request.reason());
        checkText("requestedBy", request.requestedBy());
        if (!request.tenant().equals(Quota.CLUSTER)) {
            QuotaFields.checkTenant(request.tenant());
        }
        if (!request.unknownFields().isEmpty()) {
            List<Integer> some = request.unknownFields();
            throw QuotaFields.refused(
                    request.tenant(),
                    "field " + some.getFirst() + (some.size() > 1 ? " and " + (some.size() - 1) + " more" : "")
                            + " that this controller does not know",
                    "upgrade the controller, or leave it out");
        }
    }

    private static void checkText(String field, String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    field + " of " + text.length() + " characters: expected at most " + MAX_TEXT);
        }
    }
}
