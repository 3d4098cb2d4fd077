package io.aliquot.controller.ledger;

import io.aliquot.controller.account.Books;
import io.aliquot.controller.account.GpuTime;
import io.aliquot.controller.account.NodeMark;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruled;
import io.aliquot.schema.v1.LedgerEntry;
import java.util.Map;

/** What the ledger writes, for the simulation. */
public final class LedgerDoor {
    private LedgerDoor() {}

    public static byte[] quota(Quota quota) {
        return ToProto.quota(quota).toByteArray();
    }

    public static byte[] request(QuotaRequest request) {
        return ToProto.request(request).toByteArray();
    }

    /** Reads a ledger's record as its history does. */
    public static void entry(byte[] bytes) {
        LedgerEntry entry = LedgerCodec.entry(bytes);
        GpuTime time = LedgerCodec.time(entry, name -> name);
        LedgerCodec.entry(LedgerCodec.name(entry, name -> name), time);
    }

    public static void mark(byte[] bytes) {
        NodeMark mark = LedgerCodec.mark(LedgerCodec.mark(bytes));
        new Books(Map.of(), Map.of("n", mark));
    }

    public static void position(byte[] bytes) {
        LedgerCodec.place(LedgerCodec.place(bytes));
    }

    public static byte[] audit(Ruled ruled, String requestTopicId, long nowUnixMs) {
        return ToProto.audit(ruled, requestTopicId, nowUnixMs).toByteArray();
    }
}
