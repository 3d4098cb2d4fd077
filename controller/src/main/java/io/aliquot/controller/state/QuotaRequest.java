package io.aliquot.controller.state;

import java.util.List;

/**
 * A wish to change one tenant, or the cluster itself; not checked yet, so any value may be in it. Immutable.
 *
 * @param requestId chosen by the requester, unique
 * @param tenant a path, or {@value Quota#CLUSTER}
 * @param change what is not said in it keeps its value, or is as in {@link QuotaChange#NEW_TENANT} for a new tenant
 * @param remove removes the tenant; nothing may be said in the change then
 * @param reason why, in the requester's words
 * @param unknownFields numbers of fields that only a later version knows: half of a wish is not what was wished
 */
public record QuotaRequest(
        String requestId,
        String tenant,
        String requestedBy,
        long requestedAtUnixMs,
        QuotaChange change,
        boolean remove,
        String reason,
        List<Integer> unknownFields) {
    public QuotaRequest {
        unknownFields = List.copyOf(unknownFields);
    }

    /** A wish of which all is known. */
    public QuotaRequest(
            String requestId,
            String tenant,
            String requestedBy,
            long requestedAtUnixMs,
            QuotaChange change,
            boolean remove,
            String reason) {
        this(requestId, tenant, requestedBy, requestedAtUnixMs, change, remove, reason, List.of());
    }

    /** A change; its id and time are filled in later. */
    public static QuotaRequest change(String tenant, String requestedBy, QuotaChange change, String reason) {
        return new QuotaRequest("", tenant, requestedBy, 0, change, false, reason);
    }

    /** A removal; its id and time are filled in later. */
    public static QuotaRequest removal(String tenant, String requestedBy, String reason) {
        return new QuotaRequest("", tenant, requestedBy, 0, QuotaChange.NONE, true, reason);
    }

    /** The same wish under an id of its own. */
    public QuotaRequest identified(String id, long unixMs) {
        return new QuotaRequest(id, tenant, requestedBy, unixMs, change, remove, reason, unknownFields);
    }
}
