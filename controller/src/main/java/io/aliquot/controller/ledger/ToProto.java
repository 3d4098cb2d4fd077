package io.aliquot.controller.ledger;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.TenantQuota;

/** Values of the state to the messages that the ledger writes. Pure. */
final class ToProto {
    private static final long UINT32_MAX = 0xffff_ffffL;
    private static final int MOST_TEXT = 2048;

    private ToProto() {}

    static TenantQuota quota(Quota quota) {
        return TenantQuota.newBuilder()
                .setTenant(quota.tenant())
                .setWeight(quota.weight())
                .setFloorPermille(quota.floorPermille())
                .setCeilingPermille(quota.ceilingPermille())
                .setHardCeiling(quota.hardCeiling())
                .setServiceClassValue(quota.serviceClass().number())
                .setMemoryLimitBytes(quota.memoryLimitBytes())
                .setVersion(quota.version())
                .setChangedAtUnixMs(quota.changedAtUnixMs())
                .setChangedBy(quota.changedBy())
                .build();
    }

    /** @throws IllegalArgumentException when a value doesn't fit an unsigned field of 32 bits */
    static io.aliquot.schema.v1.QuotaRequest request(QuotaRequest request) {
        var message = io.aliquot.schema.v1.QuotaRequest.newBuilder()
                .setRequestId(clipped(request.requestId()))
                .setTenant(clipped(request.tenant()))
                .setRequestedBy(clipped(request.requestedBy()))
                .setRequestedAtUnixMs(request.requestedAtUnixMs())
                .setRemove(request.remove())
                .setReason(clipped(request.reason()));
        if (request.weight() != null) {
            message.setWeight(uint32("weight", request.weight()));
        }
        if (request.floorPermille() != null) {
            message.setFloorPermille(uint32("floorPermille", request.floorPermille()));
        }
        if (request.ceilingPermille() != null) {
            message.setCeilingPermille(uint32("ceilingPermille", request.ceilingPermille()));
        }
        if (request.hardCeiling() != null) {
            message.setHardCeiling(request.hardCeiling());
        }
        if (request.serviceClass() != null) {
            message.setServiceClassValue(request.serviceClass());
        }
        if (request.memoryLimitBytes() != null) {
            message.setMemoryLimitBytes(request.memoryLimitBytes());
        }
        return message.build();
    }

    static QuotaAudit audit(Ruled ruled, String requestTopicId, long nowUnixMs) {
        QuotaAudit.Builder audit = QuotaAudit.newBuilder()
                .setRequest(request(ruled.request()))
                .setDecidedAtUnixMs(nowUnixMs)
                .setRequestOffset(ruled.requestOffset())
                .setRequestTopicId(requestTopicId);
        if (ruled.before() != null) {
            audit.setBefore(quota(ruled.before()));
        }
        switch (ruled.ruling()) {
            case Ruling.Accepted(Quota after) -> audit.setAccepted(true).setAfter(quota(after));
            case Ruling.Removed(String tenant) -> audit.setAccepted(true);
            case Ruling.Refused(String reason) -> audit.setRefusal(reason);
        }
        return audit.build();
    }

    /** A refused request may hold texts of any length; its audit must still fit a record, or nothing would be written. */
    static String clipped(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    private static int uint32(String field, long value) {
        if (value < 0 || value > UINT32_MAX) {
            throw new IllegalArgumentException(field + " " + value + ": expected 0 to " + UINT32_MAX);
        }
        return (int) value;
    }
}
