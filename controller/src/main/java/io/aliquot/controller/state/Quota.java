package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Claim;
import io.aliquot.schema.ServiceClass;

/**
 * What a tenant may use, as in force. Immutable.
 *
 * @param weight relative claim under contention, 1 to 1000000
 * @param floorPermille guaranteed while there is work, 0 to ceiling
 * @param ceilingPermille not exceeded while others want the time; floor, at least 1, to 1000
 * @param hardCeiling the ceiling holds when nobody else wants the time, too
 * @param serviceClass who goes first of those that have work on a GPU: for the nodes; the claim is the same in each class
 * @param memoryLimitBytes on each GPU; 0: no limit
 * @param version grows by one with every accepted change, from 1
 */
public record Quota(
        String tenant,
        int weight,
        int floorPermille,
        int ceilingPermille,
        boolean hardCeiling,
        ServiceClass serviceClass,
        long memoryLimitBytes,
        long version,
        long changedAtUnixMs,
        String changedBy) {
    /** @throws IllegalArgumentException naming the field, its value and its range */
    public Quota {
        QuotaPolicy.fieldProblem(tenant, weight, floorPermille, ceilingPermille, memoryLimitBytes)
                .ifPresent(problem -> {
                    throw new IllegalArgumentException(problem);
                });
    }

    /** The tenant's claim on a GPU where it wants so much, permille. */
    Claim claim(int demandPermille) {
        return new Claim(tenant, weight, floorPermille, ceilingPermille, demandPermille);
    }
}
