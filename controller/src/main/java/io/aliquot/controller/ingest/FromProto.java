package io.aliquot.controller.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.fairshare.Permille;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeInventory;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.SampleMark;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.TenantSample;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Messages to the values of the state. A message that makes no valid value is an error, never a guess. Pure. */
public final class FromProto {
    private static final int MOST_TEXT = 2048;
    private static final int MOST_SHOWN = 64;

    private FromProto() {}

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    public static NodeReport telemetry(byte[] bytes) {
        Telemetry message = parsed(() -> Telemetry.parseFrom(bytes));
        TelemetryCheck.check(message);
        return new NodeReport(
                message.getNode(),
                message.getSequence(),
                message.getSampledAtUnixMs(),
                message.getSampledAtMonotonicUs() == 0
                        ? Optional.empty()
                        : Optional.of(new SampleMark(message.getSequence(), message.getSampledAtMonotonicUs())),
                message.getIntervalUs(),
                message.getGpusList().stream().map(FromProto::gpu).toList(),
                message.getLabelsMap(),
                message.hasApplied() ? Optional.of(fence(message.getApplied())) : Optional.empty());
    }

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    static NodeAck ack(byte[] bytes) {
        DecisionAck message = parsed(() -> DecisionAck.parseFrom(bytes));
        FleetCheck.check(message);
        return new NodeAck(
                message.getNode(),
                fence(message.getApplied()),
                message.getAppliedAtUnixMs(),
                message.getSampleSequence(),
                message.getSampleToAppliedUs() > 0
                        ? OptionalLong.of(message.getSampleToAppliedUs())
                        : OptionalLong.empty(),
                message.getReadToAppliedUs());
    }

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    static NodeInventory inventory(byte[] bytes) {
        io.aliquot.schema.v1.NodeInventory message = parsed(() -> io.aliquot.schema.v1.NodeInventory.parseFrom(bytes));
        FleetCheck.check(message);
        return new NodeInventory(
                message.getNode(),
                message.getAgentVersion(),
                message.getDriverVersion(),
                message.getAgentStartedAtUnixMs(),
                new TreeMap<>(message.getLabelsMap()),
                message.getGpusList().stream()
                        .map(gpu -> new NodeInventory.Gpu(
                                gpu.getUuid(),
                                gpu.getName(),
                                gpu.getMemoryTotalBytes(),
                                gpu.getSimulated(),
                                gpu.getFault()))
                        .toList());
    }

    /**
     * A request as it came; its values are judged later, so that a refusal can be audited.
     *
     * @throws IllegalArgumentException when the bytes are no request
     */
    static QuotaRequest request(byte[] bytes) {
        io.aliquot.schema.v1.QuotaRequest message = parsed(() -> io.aliquot.schema.v1.QuotaRequest.parseFrom(bytes));
        return new QuotaRequest(
                message.getRequestId(),
                message.getTenant(),
                message.getRequestedBy(),
                message.getRequestedAtUnixMs(),
                change(message),
                message.getRemove(),
                message.getReason(),
                unknownFields(message));
    }

    private static List<Integer> unknownFields(io.aliquot.schema.v1.QuotaRequest message) {
        return Stream.of(message, message.getGpuLabels(), message.getGpuSpeeds())
                .flatMap(part -> part.getUnknownFields().asMap().keySet().stream())
                .toList();
    }

    private static QuotaChange change(io.aliquot.schema.v1.QuotaRequest message) {
        return new QuotaChange(
                message.hasWeight() ? Integer.toUnsignedLong(message.getWeight()) : null,
                message.hasFloorPermille() ? Integer.toUnsignedLong(message.getFloorPermille()) : null,
                message.hasFloorMilligpus() ? message.getFloorMilligpus() : null,
                message.hasCeilingPermille() ? Integer.toUnsignedLong(message.getCeilingPermille()) : null,
                message.hasCeilingMilligpus() ? message.getCeilingMilligpus() : null,
                message.hasHardCeiling() ? message.getHardCeiling() : null,
                message.hasServiceClass() ? message.getServiceClassValue() : null,
                message.hasMemoryLimitBytes() ? message.getMemoryLimitBytes() : null,
                message.hasHistoryHalfLifeS() ? Integer.toUnsignedLong(message.getHistoryHalfLifeS()) : null,
                message.hasBurstCreditGpuS() ? message.getBurstCreditGpuS() : null,
                message.hasGang() ? message.getGang() : null,
                message.hasGpuLabels() ? new TreeMap<>(message.getGpuLabels().getLabelsMap()) : null,
                message.hasGpuSpeeds() ? unsigned(message.getGpuSpeeds().getPermilleMap()) : null);
    }

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    public static Quota quota(byte[] bytes) {
        TenantQuota message = parsed(() -> TenantQuota.parseFrom(bytes));
        require(message.getVersion() >= 0, "a version of 0 or more", message.getVersion());
        require(
                message.getChangedBy().length() <= MOST_TEXT,
                "a name of who changed it of at most " + MOST_TEXT + " characters",
                message.getChangedBy().length());
        return Quota.of(
                message.getTenant(),
                fields(message),
                message.getVersion(),
                message.getChangedAtUnixMs(),
                message.getChangedBy());
    }

    /**
     * A quota that stands under its own name.
     *
     * @throws IllegalArgumentException when the bytes or a value in them are wrong, or it is another tenant's
     */
    static Quota quota(String key, byte[] bytes) {
        Quota quota = quota(bytes);
        require(
                key.equals(quota.tenant()),
                "the key " + quota.tenant(),
                "'" + (key.length() > MOST_SHOWN ? key.substring(0, MOST_SHOWN) + "…" : key) + "'");
        return quota;
    }

    /** @throws IllegalArgumentException when the bytes are no answer to a request */
    static QuotaAudit audit(byte[] bytes) {
        QuotaAudit message = parsed(() -> QuotaAudit.parseFrom(bytes));
        require(!message.getRequestTopicId().isBlank(), "a request topic's id", "none");
        require(message.getRequestOffset() >= 0, "a request offset of 0 or more", message.getRequestOffset());
        return message;
    }

    private static void require(boolean right, String expected, Object found) {
        if (!right) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }

    private static QuotaChange fields(TenantQuota message) {
        boolean floorInGpus = message.getFloorMilligpus() != 0;
        boolean ceilingInGpus = message.getCeilingMilligpus() != 0;
        return new QuotaChange(
                Integer.toUnsignedLong(message.getWeight()),
                floorInGpus ? null : Integer.toUnsignedLong(message.getFloorPermille()),
                floorInGpus ? message.getFloorMilligpus() : null,
                ceilingInGpus ? null : Integer.toUnsignedLong(message.getCeilingPermille()),
                ceilingInGpus ? message.getCeilingMilligpus() : null,
                message.getHardCeiling(),
                ServiceClass.ofNumber(message.getServiceClassValue())
                        .orElse(ServiceClass.STANDARD)
                        .number(),
                message.getMemoryLimitBytes(),
                Integer.toUnsignedLong(message.getHistoryHalfLifeS()),
                message.getBurstCreditGpuS(),
                message.getGang(),
                new TreeMap<>(message.getGpuLabelsMap()),
                unsigned(message.getGpuSpeedPermilleMap()));
    }

    private static SortedMap<String, Long> unsigned(Map<String, Integer> permille) {
        SortedMap<String, Long> wide = new TreeMap<>();
        permille.forEach((label, value) -> wide.put(label, Integer.toUnsignedLong(value)));
        return wide;
    }

    private static NodeReport.Gpu gpu(GpuSample gpu) {
        return new NodeReport.Gpu(
                gpu.getUuid(),
                gpu.getName(),
                gpu.getSimulated(),
                gpu.getMemoryTotalBytes(),
                gpu.getMemoryUsedBytes(),
                gpu.getTenantsList().stream().map(FromProto::tenant).toList());
    }

    private static NodeReport.Tenant tenant(TenantSample tenant) {
        return new NodeReport.Tenant(
                tenant.getTenant(),
                tenant.getProcesses(),
                tenant.getGpuNs(),
                tenant.getWaitedNs(),
                tenant.getBlockedPermille(),
                tenant.getMemoryUsedBytes(),
                tenant.getMemoryLimitBytes(),
                tenant.getAnomalies(),
                Math.clamp(Integer.toUnsignedLong(tenant.getGuaranteedPermille()), 0, Permille.WHOLE),
                tenant.getQuotaVersion());
    }

    private static Fence fence(io.aliquot.schema.v1.Fence fence) {
        return new Fence(fence.getLeaseTopicId(), fence.getTerm(), fence.getSequence(), fence.getClaimedAtMs());
    }

    static <T> T parsed(Parse<T> parse) {
        try {
            return parse.get();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Reads a message. */
    interface Parse<T> {
        T get() throws InvalidProtocolBufferException;
    }
}
