package io.aliquot.controller.publish;

import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.GpuDecision;
import io.aliquot.schema.v1.SampleMark;
import io.aliquot.schema.v1.TenantShare;
import java.util.Map;

/**
 * A decision on its way to a node. Immutable.
 *
 * @param inputOffsets topic to the next offset that was not seen yet
 */
public record PlannedDecision(
        NodePlan plan, Fence fence, long decidedAtUnixMs, int timeToLiveMs, Map<String, Long> inputOffsets) {
    public PlannedDecision {
        inputOffsets = Map.copyOf(inputOffsets);
    }

    /** The message that agents read; the same decision is the same bytes. */
    public byte[] toBytes() {
        return Bytes.of(toProto());
    }

    private Decision toProto() {
        Decision.Builder decision = Decision.newBuilder()
                .setNode(plan.node())
                .setFence(io.aliquot.schema.v1.Fence.newBuilder()
                        .setLeaseTopicId(fence.leaseTopicId())
                        .setTerm(fence.term())
                        .setSequence(fence.sequence())
                        .setClaimedAtMs(fence.claimedAtMs()))
                .setDecidedAtUnixMs(decidedAtUnixMs)
                .setTimeToLiveMs(timeToLiveMs)
                .putAllInputOffsets(inputOffsets);
        plan.gpus().forEach(gpu -> decision.addGpus(gpu(gpu)));
        plan.answers()
                .ifPresent(report -> decision.setAnswers(
                        SampleMark.newBuilder().setSequence(report.sequence()).setSampledAtMonotonicUs(report.atUs())));
        return decision.build();
    }

    private static GpuDecision gpu(NodePlan.Gpu gpu) {
        GpuDecision.Builder message = GpuDecision.newBuilder().setGpuUuid(gpu.uuid());
        for (NodePlan.Share share : gpu.tenants()) {
            message.addTenants(TenantShare.newBuilder()
                    .setTenant(share.tenant())
                    .setWeight(share.weight())
                    .setFloorPermille(share.floorPermille())
                    .setCeilingPermille(share.ceilingPermille())
                    .setHardCeiling(share.hardCeiling())
                    .setServiceClassValue(share.serviceClass().number())
                    .setMemoryLimitBytes(share.memoryLimitBytes())
                    .setTargetPermille(share.targetPermille())
                    .setGuaranteedPermille(share.guaranteedPermille())
                    .setFallbackPermille(share.fallbackPermille())
                    .setQuotaVersion(share.quotaVersion()));
        }
        return message.build();
    }
}
