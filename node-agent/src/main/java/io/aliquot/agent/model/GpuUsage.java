package io.aliquot.agent.model;

import java.util.List;
import java.util.Optional;

/**
 * One GPU in one interval.
 *
 * @param reading NVML's view; absent when the GPU could not be read
 * @param unlimited processes on the GPU that no limiter reports
 */
public record GpuUsage(
        GpuInfo gpu, Optional<GpuReading> reading, List<TenantUsage> tenants, List<GpuProcess> unlimited) {
    public GpuUsage {
        tenants = List.copyOf(tenants);
        unlimited = List.copyOf(unlimited);
    }
}
