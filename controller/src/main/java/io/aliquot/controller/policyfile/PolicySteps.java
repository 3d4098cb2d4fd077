package io.aliquot.controller.policyfile;

import io.aliquot.controller.fairshare.PolicyProblem;
import io.aliquot.controller.fairshare.PolicyRules;
import io.aliquot.controller.fairshare.TenantPolicy;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How to come from what is in force to what a file says: requests, of which each is right after those before it, so that the
 * policy is whole at every moment. Parents come before what is put into them, floors are lowered before others rise. Immutable.
 *
 * @param requests without ids; empty when nothing is to change, or when there is a problem
 * @param problems all that is wrong with the file, by itself and with the tenants that it leaves alone, each with path, value and
 *     fix
 */
public record PolicySteps(List<QuotaRequest> requests, List<String> problems) {
    public PolicySteps {
        requests = List.copyOf(requests);
        problems = List.copyOf(problems);
    }

    /**
     * Plans the way. Pure.
     *
     * @param inForce only its quotas matter
     * @param prune removes the tenants that the file doesn't name; otherwise they are left alone
     */
    public static PolicySteps plan(
            PolicyFile file, ClusterState inForce, boolean prune, String requestedBy, String reason) {
        List<String> problems = new ArrayList<>(file.problems());
        SortedMap<String, TenantPolicy> wanted = new TreeMap<>();
        for (TenantPolicy tenant : inForce.tree().tenants()) {
            if (!prune && !file.tenants().containsKey(tenant.path())) {
                wanted.put(tenant.path(), tenant);
            }
        }
        file.tenants()
                .forEach(
                        (tenant, said) -> wanted.put(tenant, quota(tenant, said).policy()));
        PolicyRules.check(List.copyOf(wanted.values())).stream()
                .map(PolicySteps::words)
                .forEach(problems::add);
        if (!problems.isEmpty()) {
            return new PolicySteps(List.of(), problems);
        }
        return ordered(pending(file, inForce, wanted, requestedBy, reason), inForce);
    }

    private static Quota quota(String tenant, QuotaChange said) {
        return Quota.of(tenant, said.over(QuotaChange.NEW_TENANT), 1, 0, "");
    }

    private static String words(PolicyProblem problem) {
        return problem.path().isEmpty()
                ? "the tenants at the top: " + problem.what() + ": " + problem.fix()
                : problem.toString();
    }

    /** All that differs: changes with parents first, then removals with parents last. */
    private static List<QuotaRequest> pending(
            PolicyFile file,
            ClusterState inForce,
            SortedMap<String, TenantPolicy> wanted,
            String requestedBy,
            String reason) {
        List<QuotaRequest> requests = new ArrayList<>();
        file.speeds().ifPresent(speeds -> {
            Quota before = inForce.quotas().get(Quota.CLUSTER);
            if (!speeds.equals(before == null ? QuotaChange.NEW_CLUSTER : QuotaChange.of(before))) {
                requests.add(QuotaRequest.change(Quota.CLUSTER, requestedBy, speeds, reason));
            }
        });
        new TreeMap<>(file.tenants()).forEach((tenant, said) -> {
            QuotaChange whole = QuotaChange.of(quota(tenant, said));
            Quota before = inForce.quotas().get(tenant);
            if (before == null || !whole.equals(QuotaChange.of(before))) {
                requests.add(QuotaRequest.change(tenant, requestedBy, whole, reason));
            }
        });
        List<QuotaRequest> removals = new ArrayList<>();
        for (String tenant : inForce.quotas().keySet()) {
            if (!tenant.equals(Quota.CLUSTER) && !wanted.containsKey(tenant)) {
                removals.addFirst(QuotaRequest.removal(tenant, requestedBy, reason));
            }
        }
        requests.addAll(removals);
        return requests;
    }

    /** Takes, again and again, whatever is right now. */
    private static PolicySteps ordered(List<QuotaRequest> pending, ClusterState inForce) {
        List<QuotaRequest> ordered = new ArrayList<>();
        List<QuotaRequest> left = pending;
        ClusterState state = inForce;
        while (!left.isEmpty()) {
            List<QuotaRequest> later = new ArrayList<>();
            List<String> refusals = new ArrayList<>();
            for (QuotaRequest request : left) {
                switch (QuotaPolicy.validate(request.identified("plan", 0), state, 0)) {
                    case Ruling.Accepted(Quota quota) -> state = state.apply(new ClusterEvent.QuotaChanged(quota));
                    case Ruling.Removed(String tenant) -> state = state.apply(new ClusterEvent.QuotaRemoved(tenant));
                    case Ruling.Refused(String reason) -> {
                        later.add(request);
                        refusals.add(reason);
                        continue;
                    }
                }
                ordered.add(request);
            }
            if (later.size() == left.size()) {
                return new PolicySteps(List.of(), refusals);
            }
            left = later;
        }
        return new PolicySteps(ordered, List.of());
    }
}
