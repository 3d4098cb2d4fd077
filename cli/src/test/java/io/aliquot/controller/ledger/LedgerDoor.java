package io.aliquot.controller.ledger;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruled;

/** What the ledger writes, for the simulation. */
public final class LedgerDoor {
    private LedgerDoor() {}

    public static byte[] quota(Quota quota) {
        return ToProto.quota(quota).toByteArray();
    }

    public static byte[] request(QuotaRequest request) {
        return ToProto.request(request).toByteArray();
    }

    public static byte[] audit(Ruled ruled, String requestTopicId, long nowUnixMs) {
        return ToProto.audit(ruled, requestTopicId, nowUnixMs).toByteArray();
    }
}
