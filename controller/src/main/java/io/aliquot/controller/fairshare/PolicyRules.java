package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which tenants may be together in one policy: what no tenant's own fields can tell. Pure; any thread. */
public final class PolicyRules {
    /** More tenants than this is a slip. */
    public static final int MAX_TENANTS = 100_000;

    /** A sum of percents that were written with decimals may miss 100 by this much. */
    private static final double SLACK = 1e-9;

    private PolicyRules() {}

    /** What the children of one parent are guaranteed together. */
    private static final class Floors {
        double percent;
        double gpus;
    }

    /** @return every problem that was found, in the order of the tenants; empty when the policy can be */
    public static List<PolicyProblem> check(List<TenantPolicy> tenants) {
        List<PolicyProblem> problems = new ArrayList<>();
        if (tenants.size() > MAX_TENANTS) {
            problems.add(new PolicyProblem("", tenants.size() + " tenants", "expected at most " + MAX_TENANTS));
            return problems;
        }
        checkPaths(tenants, problems);
        if (problems.isEmpty()) {
            checkFloors(tenants, problems);
        }
        return problems;
    }

    private static void checkPaths(List<TenantPolicy> tenants, List<PolicyProblem> problems) {
        Set<String> paths = HashSet.newHashSet(tenants.size() + 1);
        paths.add("");
        for (TenantPolicy tenant : tenants) {
            if (!paths.add(tenant.path())) {
                problems.add(
                        tenant.path().isEmpty()
                                ? new PolicyProblem("", "no name", "name the tenant; the cluster itself has no policy")
                                : problem(tenant, "given twice", "keep one of them"));
            }
        }
        for (TenantPolicy tenant : tenants) {
            if (!paths.contains(tenant.parent())) {
                problems.add(problem(
                        tenant,
                        "parent '" + Words.shown(tenant.parent()) + "' is unknown",
                        "add it, or correct the path"));
            }
        }
    }

    /** Deepest first, so that what a tenant's children are guaranteed is known before its own turn. */
    private static void checkFloors(List<TenantPolicy> tenants, List<PolicyProblem> problems) {
        Map<String, Floors> byParent = new HashMap<>();
        List<TenantPolicy> deepestFirst = new ArrayList<>(tenants);
        deepestFirst.sort((a, b) -> Integer.compare(depth(b), depth(a)));
        for (TenantPolicy tenant : deepestFirst) {
            Floors children = byParent.getOrDefault(tenant.path(), new Floors());
            checkPercent(Words.shown(tenant.path()), children, problems);
            if (tenant.floor() instanceof Amount.Gpus(double own) && own > 0 && children.gpus > own + SLACK) {
                problems.add(problem(
                        tenant,
                        "floor " + tenant.floor(),
                        "its children's floors come to " + Words.gpus(children.gpus) + ": raise it, or lower theirs"));
            }
            if (tenant.ceiling() instanceof Amount.Gpus(double most) && children.gpus > most + SLACK) {
                problems.add(problem(
                        tenant,
                        "ceiling " + tenant.ceiling(),
                        "its children's floors come to " + Words.gpus(children.gpus) + ": raise it, or lower theirs"));
            }
            Floors siblings = byParent.computeIfAbsent(tenant.parent(), p -> new Floors());
            switch (tenant.floor()) {
                case Amount.Percent(double percent) -> siblings.percent += percent;
                case Amount.Gpus(double gpus) -> siblings.gpus += Math.max(gpus, children.gpus);
            }
        }
        checkPercent("", byParent.getOrDefault("", new Floors()), problems);
    }

    private static void checkPercent(String path, Floors children, List<PolicyProblem> problems) {
        if (children.percent > 100 + SLACK) {
            problems.add(new PolicyProblem(
                    path,
                    "its children's floors come to " + Words.number(children.percent) + " %",
                    "expected at most 100 % in sum: lower one"));
        }
    }

    private static int depth(TenantPolicy tenant) {
        return (int) tenant.path().chars().filter(c -> c == '/').count();
    }

    private static PolicyProblem problem(TenantPolicy tenant, String what, String fix) {
        return new PolicyProblem(Words.shown(tenant.path()), what, fix);
    }
}
