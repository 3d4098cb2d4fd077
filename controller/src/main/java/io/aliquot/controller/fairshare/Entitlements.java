package io.aliquot.controller.fairshare;

import java.util.List;

/**
 * What every tenant is entitled to, and what it was decided from; all in GPU-equivalents. Immutable; any thread.
 *
 * @param situation what it was decided from
 * @param capped what a tenant would use within all ceilings, for a parent the sum of its children's within its own: at
 *     most its demand
 * @param wanted the same, were soft ceilings lifted
 * @param floor what is guaranteed and would be used: at most {@code capped}
 * @param fair what a tenant would get of what its parent has, if all its siblings wanted all: the static split by the
 *     policy's weight, floor, ceiling and class. Who gets less lends, who gets more borrows
 * @param entitlement what it gets: at most {@code wanted}, for the children of a parent in sum at most the parent's
 * @param unmet floors that could not be met, parents first; empty when all is well
 */
public record Entitlements(
        Situation situation,
        TenantValues capped,
        TenantValues wanted,
        TenantValues floor,
        TenantValues fair,
        TenantValues entitlement,
        List<Unmet> unmet) {
    public Entitlements {
        unmet = List.copyOf(unmet);
    }

    public PolicyTree tree() {
        return situation.tree();
    }

    /** What the node has to give to its children: the capacity for the cluster itself, otherwise its entitlement. */
    public double budget(int node) {
        return node == PolicyTree.ROOT ? situation.capacityGpus() : entitlement.get(node);
    }

    /** The tenant's entitlement, GPU-equivalents. */
    public double of(String path) {
        return entitlement.get(path);
    }
}
