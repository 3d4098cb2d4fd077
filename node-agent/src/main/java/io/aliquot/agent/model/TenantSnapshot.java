package io.aliquot.agent.model;

import io.aliquot.schema.ServiceClass;

/**
 * One tenant on one GPU, as the node library counts it: cumulative since the agent started, times in nanoseconds.
 *
 * @param processes connected now
 * @param gpuNs GPU time metered
 * @param heldNs time in which the arbiter gave the tenant the GPU while others wanted it
 * @param waitedNs time that launches were held back, summed over threads
 * @param blockedNs time in which at least one launch was held back
 * @param memoryUsedBytes held now
 * @param anomalies what the node refused or corrected
 * @param unhookedLookups look-ups of launches, copies and allocations that the limiter does not know
 * @param pinnedBytes host memory that its processes have pinned now, on whatever GPU
 * @param waitingThreads held back now
 * @param hasTurn its turn is open now
 * @param share in force now
 */
public record TenantSnapshot(
        String tenant,
        int gpuIndex,
        int processes,
        long gpuNs,
        long heldNs,
        long waitedNs,
        long blockedNs,
        long launches,
        long memoryUsedBytes,
        long anomalies,
        long unhookedLookups,
        long pinnedBytes,
        int waitingThreads,
        boolean hasTurn,
        Quota share) {

    /** What is in force for a tenant of the node; unlike {@link TenantShare} also for a tenant that lost its quota. */
    public record Quota(
            int weight,
            int floorPermille,
            int ceilingPermille,
            boolean hardCeiling,
            ServiceClass serviceClass,
            int targetPermille,
            int fallbackPermille,
            long memoryLimitBytes) {}
}
