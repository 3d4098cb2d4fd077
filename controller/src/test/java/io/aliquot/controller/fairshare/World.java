package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A policy, a demand and a capacity: what a property is tried on. */
record World(double capacity, List<TenantPolicy> tenants, Map<String, Double> demand) {
    Entitlements solve() {
        PolicyTree tree = PolicyTree.of(tenants);
        return EntitlementSolver.solve(Situation.of(capacity, TenantValues.of(tree, demand)));
    }

    World withCapacity(double other) {
        return new World(other, tenants, demand);
    }

    World withDemand(String path, double other) {
        Map<String, Double> changed = new HashMap<>(demand);
        changed.put(path, other);
        return new World(capacity, tenants, changed);
    }

    /** Every tenant without tenants in it wants more than there is. */
    World allBusy() {
        Map<String, Double> changed = new HashMap<>(demand);
        changed.replaceAll((path, d) -> Math.max(d, capacity + 1));
        return new World(capacity, tenants, changed);
    }

    World without(String path) {
        Map<String, Double> left = new HashMap<>(demand);
        left.remove(path);
        return new World(
                capacity, tenants.stream().filter(t -> !t.path().equals(path)).toList(), left);
    }

    World mapTenants(UnaryOperator<TenantPolicy> change) {
        return new World(capacity, tenants.stream().map(change).toList(), demand);
    }

    World mapTenant(String path, UnaryOperator<TenantPolicy> change) {
        return mapTenants(t -> t.path().equals(path) ? change.apply(t) : t);
    }

    /** Those that have demand of their own. */
    List<String> leaves() {
        return tenants.stream()
                .map(TenantPolicy::path)
                .filter(demand::containsKey)
                .toList();
    }

    /** Each parent's children; the cluster's under the empty path. */
    Map<String, List<TenantPolicy>> groups() {
        Map<String, List<TenantPolicy>> groups = new HashMap<>();
        tenants.forEach(
                t -> groups.computeIfAbsent(t.parent(), p -> new ArrayList<>()).add(t));
        return groups;
    }
}
