package io.aliquot.agent.model;

import io.aliquot.schema.ServiceClass;

/**
 * One tenant's part of one GPU. Shares are permille of the GPU's time.
 *
 * @param weight relative claim under contention, 1 to 1000000
 * @param floorPermille guaranteed while the tenant has work, 0 to 1000
 * @param ceilingPermille not exceeded while others want the time, 1 to 1000 and not below the floor
 * @param hardCeiling the ceiling holds when nobody else wants the time, too
 * @param serviceClass who goes first of those that have work
 * @param memoryLimitBytes 0: no limit
 * @param targetPermille what the controller expects, 0 to 1000; for display
 * @param fallbackPermille the limiter's own pace when the arbiter is gone, 1 to 1000
 * @param guaranteedPermille its fair part when all want all, 0 to 1000; for accounts, not enforced
 * @param quotaVersion of the quota that this follows from, 0 or more; 0 from a controller that does not say
 */
public record TenantShare(
        String tenant,
        int weight,
        int floorPermille,
        int ceilingPermille,
        boolean hardCeiling,
        ServiceClass serviceClass,
        long memoryLimitBytes,
        int targetPermille,
        int fallbackPermille,
        int guaranteedPermille,
        long quotaVersion) {
    /** The longest tenant name that fits a control page, in bytes without its NUL (aliquot_page.h). */
    public static final int TENANT_LONGEST = 63;

    public static final int WEIGHT_HIGHEST = 1_000_000;

    public TenantShare {
        Require.text("tenant", tenant, TENANT_LONGEST);
        Require.range("weight of " + tenant, weight, 1, WEIGHT_HIGHEST);
        Require.range("floorPermille of " + tenant, floorPermille, 0, 1000);
        Require.range("ceilingPermille of " + tenant, ceilingPermille, Math.max(1, floorPermille), 1000);
        Require.notNegative("memoryLimitBytes of " + tenant, memoryLimitBytes);
        Require.range("targetPermille of " + tenant, targetPermille, 0, 1000);
        Require.range("fallbackPermille of " + tenant, fallbackPermille, 1, 1000);
        Require.range("guaranteedPermille of " + tenant, guaranteedPermille, 0, 1000);
        Require.notNegative("quotaVersion of " + tenant, quotaVersion);
    }

    /** @return the part that holds when the controller has been gone for long: the fallback share is weight and target */
    public TenantShare atFallback() {
        return new TenantShare(
                tenant,
                fallbackPermille,
                floorPermille,
                ceilingPermille,
                hardCeiling,
                serviceClass,
                memoryLimitBytes,
                fallbackPermille,
                fallbackPermille,
                guaranteedPermille,
                quotaVersion);
    }
}
