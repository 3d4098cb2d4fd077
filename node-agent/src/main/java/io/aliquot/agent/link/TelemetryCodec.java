package io.aliquot.agent.link;

import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.model.TenantUsage;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import io.aliquot.schema.v1.UnlimitedProcess;
import java.util.concurrent.TimeUnit;

/** From the model to telemetry.proto. Pure. */
final class TelemetryCodec {
    private TelemetryCodec() {}

    static byte[] encode(NodeUsage usage) {
        Telemetry.Builder message = Telemetry.newBuilder()
                .setNode(usage.node())
                .setSequence(usage.sequence())
                .setSampledAtUnixMs(usage.sampledAtUnixMs())
                .setIntervalUs(Math.max(1, usage.intervalNs() / 1000))
                .setSampledAtMonotonicUs(TimeUnit.NANOSECONDS.toMicros(usage.sampledAtNs()))
                .putAllLabels(usage.labels().map());
        usage.gpus().forEach(gpu -> message.addGpus(gpu(gpu)));
        usage.applied().ifPresent(fence -> message.setApplied(DecisionCodec.fence(fence)));
        return message.build().toByteArray();
    }

    private static GpuSample gpu(GpuUsage usage) {
        GpuSample.Builder sample = GpuSample.newBuilder()
                .setUuid(usage.gpu().uuid())
                .setName(usage.gpu().name())
                .setSimulated(usage.gpu().simulated())
                .setMemoryTotalBytes(usage.gpu().memoryTotalBytes());
        usage.reading()
                .ifPresent(reading -> sample.setMemoryUsedBytes(reading.memoryUsedBytes())
                        .setNvmlUtilizationPermille(reading.utilizationPermille()));
        usage.tenants().forEach(tenant -> sample.addTenants(tenant(tenant)));
        usage.unlimited()
                .forEach(process -> sample.addUnlimited(UnlimitedProcess.newBuilder()
                        .setPid(process.processId())
                        .setMemoryUsedBytes(process.memoryUsedBytes())));
        return sample.build();
    }

    private static TenantSample tenant(TenantUsage usage) {
        return TenantSample.newBuilder()
                .setTenant(usage.tenant())
                .setProcesses(usage.processes())
                .setGpuNs(usage.gpuNs())
                .setWaitedNs(usage.waitedNs())
                .setBlockedPermille(usage.blockedPermille())
                .setLaunches(usage.launches())
                .setMemoryUsedBytes(usage.memoryUsedBytes())
                .setMemoryLimitBytes(usage.memoryLimitBytes())
                .setAnomalies(usage.anomalies())
                .setUnhookedLookups(usage.unhookedLookups())
                .setGuaranteedPermille(usage.guaranteedPermille())
                .setQuotaVersion(usage.quotaVersion())
                .build();
    }
}
