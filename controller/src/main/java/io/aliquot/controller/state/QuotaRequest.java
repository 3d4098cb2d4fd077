package io.aliquot.controller.state;

import org.jspecify.annotations.Nullable;

/**
 * A wish to change one tenant; not checked yet, so any value may be in it. Fields that are null keep their value, or take
 * weight 1, floor 0, ceiling 1000, not hard, class standard, and no memory limit for a new tenant. Immutable.
 *
 * @param requestId chosen by the requester, unique
 * @param serviceClass number of a {@link io.aliquot.schema.ServiceClass}
 * @param remove removes the tenant; the six quota fields must be null with it
 * @param reason why, in the requester's words
 */
public record QuotaRequest(
        String requestId,
        String tenant,
        String requestedBy,
        long requestedAtUnixMs,
        @Nullable Long weight,
        @Nullable Long floorPermille,
        @Nullable Long ceilingPermille,
        @Nullable Boolean hardCeiling,
        @Nullable Integer serviceClass,
        @Nullable Long memoryLimitBytes,
        boolean remove,
        String reason) {
    /** The same wish under an id of its own. */
    public QuotaRequest identified(String id, long unixMs) {
        return new QuotaRequest(
                id,
                tenant,
                requestedBy,
                unixMs,
                weight,
                floorPermille,
                ceilingPermille,
                hardCeiling,
                serviceClass,
                memoryLimitBytes,
                remove,
                reason);
    }
}
