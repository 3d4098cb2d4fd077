package io.aliquot.agent.model;

import java.util.List;

/**
 * What NVML said about one GPU in one tick.
 *
 * @param utilizationPermille NVML's utilisation: an audit signal (it reads 1000 under any load), never a control signal
 */
public record GpuReading(int gpuIndex, long memoryUsedBytes, int utilizationPermille, List<GpuProcess> processes) {
    public GpuReading {
        Require.notNegative("gpuIndex", gpuIndex);
        Require.notNegative("memoryUsedBytes", memoryUsedBytes);
        Require.range("utilizationPermille", utilizationPermille, 0, 1000);
        processes = List.copyOf(processes);
    }
}
