package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.Permille;
import io.aliquot.controller.fairshare.TenantPolicy;
import io.aliquot.schema.ServiceClass;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a tenant may use, as in force. Immutable.
 *
 * @param policy its place in the tree and its part of what its parent has: a whole weight, percent in tenths, GPUs in
 *     thousandths, whole seconds. The cluster itself has the empty path and nothing but {@code gpuSpeedPermille}
 * @param memoryLimitBytes on each GPU; 0: no limit
 * @param gang all its work is one job whose parts wait for each other: it gets the same share of each GPU it is on
 * @param gpuLabels the GPUs that it is meant for have all of these; unmodifiable
 * @param gpuSpeedPermille of the cluster alone: how fast GPUs with a label ({@code model=NVIDIA A100}) are, permille of speed
 *     factor 1; unmodifiable
 * @param version grows by one with every accepted change, from 1
 */
public record Quota(
        TenantPolicy policy,
        long memoryLimitBytes,
        boolean gang,
        SortedMap<String, String> gpuLabels,
        SortedMap<String, Integer> gpuSpeedPermille,
        long version,
        long changedAtUnixMs,
        String changedBy) {
    /** The name under which the cluster itself is asked for and kept. */
    public static final String CLUSTER = "/";

    private static final Amount NO_PART = new Amount.Percent(0);

    /** @throws IllegalArgumentException naming the tenant, the field, its value and what would be right */
    public Quota {
        if (policy.floor().equals(NO_PART)) {
            policy = policy.withFloor(TenantPolicy.NO_FLOOR); // so that no floor has one form
        }
        gpuLabels = Collections.unmodifiableSortedMap(new TreeMap<>(gpuLabels));
        gpuSpeedPermille = Collections.unmodifiableSortedMap(new TreeMap<>(gpuSpeedPermille));
        QuotaFields.check(policy, memoryLimitBytes, gang, gpuLabels, gpuSpeedPermille);
    }

    /**
     * The quota of which each field was given as messages have it.
     *
     * @param tenant a path, or {@value #CLUSTER}
     * @param fields all that such a quota has: {@link QuotaChange#NEW_TENANT} over which something was said, or
     *     {@link QuotaChange#NEW_CLUSTER}
     * @throws IllegalArgumentException naming the tenant, the field, its value and what would be right
     */
    public static Quota of(String tenant, QuotaChange fields, long version, long changedAtUnixMs, String changedBy) {
        return QuotaFields.quota(tenant, fields, version, changedAtUnixMs, changedBy);
    }

    /** Its path, or {@value #CLUSTER} for the cluster itself. */
    public String tenant() {
        return isCluster() ? CLUSTER : policy.path();
    }

    public boolean isCluster() {
        return policy.path().isEmpty();
    }

    public int weight() {
        return (int) policy.weight();
    }

    /** Part of what the parent has; 0 when it is given in GPUs. */
    public int floorPermille() {
        return policy.floor() instanceof Amount.Percent(double percent) ? QuotaFields.permille(percent) : 0;
    }

    /** Thousandths of a GPU-equivalent; 0 when it is given as a part, or there is none. */
    public long floorMilligpus() {
        return policy.floor() instanceof Amount.Gpus(double gpus) ? QuotaFields.milligpus(gpus) : 0;
    }

    /** Part of the most that the parent can have; 1000 when it is given in GPUs. */
    public int ceilingPermille() {
        return policy.ceiling() instanceof Amount.Percent(double percent)
                ? QuotaFields.permille(percent)
                : Permille.WHOLE;
    }

    /** Thousandths of a GPU-equivalent; 0 when it is given as a part. */
    public long ceilingMilligpus() {
        return policy.ceiling() instanceof Amount.Gpus(double gpus) ? QuotaFields.milligpus(gpus) : 0;
    }

    public boolean hardCeiling() {
        return policy.hardCeiling();
    }

    public ServiceClass serviceClass() {
        return policy.priority();
    }

    public long historyHalfLifeSeconds() {
        return (long) policy.historyHalfLifeSeconds();
    }

    public long burstCreditGpuSeconds() {
        return (long) policy.burstCreditGpuSeconds();
    }
}
