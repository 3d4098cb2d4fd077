package io.aliquot.agent.model;

import io.aliquot.schema.ServiceClass;

/**
 * What one tenant used of one GPU in one interval.
 *
 * @param gpuNs GPU time; summed over a GPU's tenants it is at most the interval
 * @param waitedNs time that launches were held back, summed over threads
 * @param blockedPermille part of the interval in which at least one launch was held back, 0 to 1000
 * @param memoryLimitBytes 0: no limit
 * @param targetPermille the share that the controller expects
 * @param guaranteedPermille its fair part when all want all, of the decision in force, 0 to 1000; 0 without one
 * @param quotaVersion of the quota that the decision in force follows from; 0 without one
 * @param anomalies impossible counters, malformed messages, muted doorbells, refused connections, in the interval
 * @param unhookedLookups look-ups of launches, copies and allocations that the limiter does not know, in the interval
 * @param pinnedBytes host memory that its processes have pinned now, on whatever GPU
 * @param memoryOverheadBytes what NVML shows of its processes beyond memoryUsedBytes: contexts, modules, rounding; in no limit
 */
public record TenantUsage(
        String tenant,
        int processes,
        long gpuNs,
        long waitedNs,
        int blockedPermille,
        long launches,
        long memoryUsedBytes,
        long memoryLimitBytes,
        int weight,
        ServiceClass serviceClass,
        int targetPermille,
        int guaranteedPermille,
        long quotaVersion,
        long anomalies,
        long unhookedLookups,
        long pinnedBytes,
        long memoryOverheadBytes) {
    public TenantUsage {
        Require.notNegative("gpuNs of " + tenant, gpuNs);
        Require.notNegative("waitedNs of " + tenant, waitedNs);
        Require.range("blockedPermille of " + tenant, blockedPermille, 0, 1000);
        Require.notNegative("launches of " + tenant, launches);
        Require.range("guaranteedPermille of " + tenant, guaranteedPermille, 0, 1000);
        Require.notNegative("quotaVersion of " + tenant, quotaVersion);
        Require.notNegative("anomalies of " + tenant, anomalies);
        Require.notNegative("unhookedLookups of " + tenant, unhookedLookups);
    }
}
