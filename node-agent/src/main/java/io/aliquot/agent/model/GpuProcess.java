package io.aliquot.agent.model;

/**
 * A process that NVML shows on a GPU.
 *
 * @param memoryUsedBytes 0 where NVML can't tell
 */
public record GpuProcess(int processId, long memoryUsedBytes) {
    public GpuProcess {
        Require.range("processId", processId, 1, Integer.MAX_VALUE);
        Require.notNegative("memoryUsedBytes", memoryUsedBytes);
    }
}
