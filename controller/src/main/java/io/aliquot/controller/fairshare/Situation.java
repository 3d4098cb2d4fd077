package io.aliquot.controller.fairshare;

/**
 * What entitlements are decided from. Immutable.
 *
 * @param capacityGpus what there is to give, GPU-equivalents: the sum of the GPUs' speed factors; 0 or more
 * @param demand what each tenant that has no tenants in it would use now, GPU-equivalents; 0 for all others
 * @param weights effective weights, above 0: the policy's, or those of {@link UsageHistory#weights}
 * @param spendable what each may spend of its credit, GPU-equivalents throughout the tick ({@link BurstCredit#spendable});
 *     counts only for tenants whose policy has a burst credit
 */
public record Situation(double capacityGpus, TenantValues demand, TenantValues weights, TenantValues spendable) {
    /** @throws IllegalArgumentException naming the tenant, the value and what would be right */
    public Situation {
        PolicyTree tree = demand.tree();
        if (!weights.tree().equals(tree) || !spendable.tree().equals(tree)) {
            throw new IllegalArgumentException("demand, weights and spendable of different trees: expected one");
        }
        check("", "capacityGpus", capacityGpus, 0, TenantPolicy.MAX_GPUS);
        for (int node = 0; node < tree.size(); node++) {
            String path = tree.path(node);
            check(path, "demand", demand.get(node), 0, TenantPolicy.MAX_GPUS);
            check(path, "weight", weights.get(node), TenantPolicy.MIN_WEIGHT / 4, TenantPolicy.MAX_WEIGHT * 4);
            check(path, "spendable", spendable.get(node), 0, Double.MAX_VALUE);
            if (demand.get(node) > 0 && !tree.isLeaf(node)) {
                throw new IllegalArgumentException("tenant '" + path + "': demand " + demand.get(node)
                        + ": expected 0 for one that has tenants in it: give the demand to those");
            }
        }
    }

    /** With the policy's weights, and no credit. */
    public static Situation of(double capacityGpus, TenantValues demand) {
        PolicyTree tree = demand.tree();
        return new Situation(capacityGpus, demand, policyWeights(tree), TenantValues.constant(tree, 0));
    }

    /** The weights as the policy has them. */
    public static TenantValues policyWeights(PolicyTree tree) {
        return TenantValues.by(tree, node -> tree.policy(node).weight());
    }

    public PolicyTree tree() {
        return demand.tree();
    }

    private static void check(String path, String field, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    "tenant '" + path + "': " + field + " " + value + ": expected " + least + " to " + most);
        }
    }
}
