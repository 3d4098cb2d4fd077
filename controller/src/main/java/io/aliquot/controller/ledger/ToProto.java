package io.aliquot.controller.ledger;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.v1.GpuLabels;
import io.aliquot.schema.v1.GpuSpeeds;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.TenantQuota;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Values of the state to the messages that the ledger writes. Pure. */
final class ToProto {
    private static final long UINT32_MAX = 0xffff_ffffL;
    private static final int MOST_TEXT = 2048;

    /** More than there may be, so that what was too much still is when it is cut. */
    private static final int MOST_ENTRIES = 65;

    private static final int MOST_LABEL = 128;

    private ToProto() {}

    static TenantQuota quota(Quota quota) {
        TenantQuota.Builder message = TenantQuota.newBuilder()
                .setTenant(quota.tenant())
                .setVersion(quota.version())
                .setChangedAtUnixMs(quota.changedAtUnixMs())
                .setChangedBy(quota.changedBy());
        if (quota.isCluster()) {
            return message.putAllGpuSpeedPermille(quota.gpuSpeedPermille()).build();
        }
        return message.setWeight(quota.weight())
                .setFloorPermille(quota.floorPermille())
                .setFloorMilligpus(quota.floorMilligpus())
                .setCeilingPermille(quota.ceilingPermille())
                .setCeilingMilligpus(quota.ceilingMilligpus())
                .setHardCeiling(quota.hardCeiling())
                .setServiceClassValue(quota.serviceClass().number())
                .setMemoryLimitBytes(quota.memoryLimitBytes())
                .setHistoryHalfLifeS(Math.toIntExact(quota.historyHalfLifeSeconds()))
                .setBurstCreditGpuS(quota.burstCreditGpuSeconds())
                .setGang(quota.gang())
                .putAllGpuLabels(quota.gpuLabels())
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
        QuotaChange change = request.change();
        uint32("weight", change.weight(), message::setWeight);
        uint32("floorPermille", change.floorPermille(), message::setFloorPermille);
        set(change.floorMilligpus(), message::setFloorMilligpus);
        uint32("ceilingPermille", change.ceilingPermille(), message::setCeilingPermille);
        set(change.ceilingMilligpus(), message::setCeilingMilligpus);
        set(change.hardCeiling(), message::setHardCeiling);
        set(change.serviceClass(), message::setServiceClassValue);
        set(change.memoryLimitBytes(), message::setMemoryLimitBytes);
        uint32("historyHalfLifeSeconds", change.historyHalfLifeSeconds(), message::setHistoryHalfLifeS);
        set(change.burstCreditGpuSeconds(), message::setBurstCreditGpuS);
        set(change.gang(), message::setGang);
        set(change.gpuLabels(), labels -> message.setGpuLabels(labels(labels)));
        set(change.gpuSpeedPermille(), speeds -> message.setGpuSpeeds(speeds(speeds)));
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

    private static GpuLabels labels(Map<String, String> labels) {
        GpuLabels.Builder message = GpuLabels.newBuilder();
        labels.entrySet().stream()
                .limit(MOST_ENTRIES)
                .forEach(label -> message.putLabels(clippedLabel(label.getKey()), clippedLabel(label.getValue())));
        return message.build();
    }

    private static GpuSpeeds speeds(Map<String, Long> permille) {
        GpuSpeeds.Builder message = GpuSpeeds.newBuilder();
        permille.entrySet().stream()
                .limit(MOST_ENTRIES)
                .forEach(speed -> uint32(
                        "gpuSpeed",
                        speed.getValue(),
                        value -> message.putPermille(clippedLabel(speed.getKey()), value)));
        return message.build();
    }

    private static String clippedLabel(String text) {
        return text.length() <= MOST_LABEL ? text : text.substring(0, MOST_LABEL);
    }

    private static <T> void set(@Nullable T value, Consumer<T> field) {
        if (value != null) {
            field.accept(value);
        }
    }

    private static void uint32(String name, @Nullable Long value, IntConsumer field) {
        if (value == null) {
            return;
        }
        if (value < 0 || value > UINT32_MAX) {
            throw new IllegalArgumentException(name + " " + value + ": expected 0 to " + UINT32_MAX);
        }
        field.accept(value.intValue());
    }
}
