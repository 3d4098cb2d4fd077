package io.aliquot.controller.state;

import io.aliquot.schema.ServiceClass;

/** Quotas for tests, of the fields that matter to most. */
public final class Quotas {
    private Quotas() {}

    /** As a quota was before tenants made a tree. */
    public static Quota quota(
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
        QuotaChange said = new QuotaChange.Builder()
                .weight((long) weight)
                .floorPermille((long) floorPermille)
                .ceilingPermille((long) ceilingPermille)
                .hardCeiling(hardCeiling)
                .serviceClass(serviceClass.number())
                .memoryLimitBytes(memoryLimitBytes)
                .build();
        return quota(tenant, said, version, changedAtUnixMs, changedBy);
    }

    /** The first version of a tenant of which so much was said. */
    public static Quota quota(String tenant, QuotaChange said) {
        return quota(tenant, said, 1, 0, "me");
    }

    /** The same of which more was said. */
    public static Quota quota(String tenant, QuotaChange said, long version, long changedAtUnixMs, String changedBy) {
        return Quota.of(tenant, said.over(QuotaChange.NEW_TENANT), version, changedAtUnixMs, changedBy);
    }
}
