package io.aliquot.agent.link;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.SampleMark;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.GpuDecision;
import java.util.List;
import java.util.Optional;

/** Between decision.proto and the model. The model's records check every value. Pure. */
final class DecisionCodec {
    private DecisionCodec() {}

    /** @throws MalformedException for bytes that are no decision, or a decision with a value that can't be */
    static Decision decode(byte[] bytes) throws MalformedException {
        try {
            io.aliquot.schema.v1.Decision message = io.aliquot.schema.v1.Decision.parseFrom(bytes);
            return new Decision(
                    message.getNode(),
                    fence(message.getFence()),
                    message.getDecidedAtUnixMs(),
                    message.getTimeToLiveMs(),
                    message.getGpusList().stream().map(DecisionCodec::gpu).toList(),
                    answers(message));
        } catch (InvalidProtocolBufferException garbage) {
            throw new MalformedException(bytes.length + " bytes that are no Decision: " + garbage.getMessage());
        } catch (IllegalArgumentException value) {
            throw new MalformedException(String.valueOf(value.getMessage()));
        }
    }

    /** Absent also from what no agent has sent: a decision is not refused for it. */
    private static Optional<SampleMark> answers(io.aliquot.schema.v1.Decision message) {
        return message.getAnswers().getSequence() > 0
                ? Optional.of(new SampleMark(
                        message.getAnswers().getSequence(), message.getAnswers().getSampledAtMonotonicUs()))
                : Optional.empty();
    }

    private static FenceStamp fence(Fence fence) {
        return new FenceStamp(fence.getLeaseTopicId(), fence.getTerm(), fence.getSequence(), fence.getClaimedAtMs());
    }

    private static GpuShares gpu(GpuDecision gpu) {
        List<TenantShare> tenants = gpu.getTenantsList().stream()
                .map(t -> new TenantShare(
                        t.getTenant(),
                        t.getWeight(),
                        t.getFloorPermille(),
                        t.getCeilingPermille(),
                        t.getHardCeiling(),
                        ServiceClass.ofNumber(t.getServiceClassValue()).orElse(ServiceClass.STANDARD),
                        t.getMemoryLimitBytes(),
                        t.getTargetPermille(),
                        t.getFallbackPermille(),
                        t.getGuaranteedPermille(),
                        t.getQuotaVersion()))
                .toList();
        return new GpuShares(gpu.getGpuUuid(), tenants);
    }

    /** What is needed to put it in force again after a restart; not the sample that it answered. */
    static byte[] encode(Decision decision) {
        var message = io.aliquot.schema.v1.Decision.newBuilder()
                .setNode(decision.node())
                .setFence(fence(decision.fence()))
                .setDecidedAtUnixMs(decision.decidedAtUnixMs())
                .setTimeToLiveMs(decision.timeToLiveMs());
        for (GpuShares gpu : decision.gpus()) {
            var shares = GpuDecision.newBuilder().setGpuUuid(gpu.gpuUuid());
            gpu.tenants().forEach(t -> shares.addTenants(share(t)));
            message.addGpus(shares);
        }
        return message.build().toByteArray();
    }

    static Fence fence(FenceStamp fence) {
        return Fence.newBuilder()
                .setLeaseTopicId(fence.leaseTopicId())
                .setTerm(fence.term())
                .setSequence(fence.sequence())
                .setClaimedAtMs(fence.claimedAtMs())
                .build();
    }

    private static io.aliquot.schema.v1.TenantShare share(TenantShare share) {
        return io.aliquot.schema.v1.TenantShare.newBuilder()
                .setTenant(share.tenant())
                .setWeight(share.weight())
                .setFloorPermille(share.floorPermille())
                .setCeilingPermille(share.ceilingPermille())
                .setHardCeiling(share.hardCeiling())
                .setServiceClassValue(share.serviceClass().number())
                .setMemoryLimitBytes(share.memoryLimitBytes())
                .setTargetPermille(share.targetPermille())
                .setFallbackPermille(share.fallbackPermille())
                .setGuaranteedPermille(share.guaranteedPermille())
                .setQuotaVersion(share.quotaVersion())
                .build();
    }
}
