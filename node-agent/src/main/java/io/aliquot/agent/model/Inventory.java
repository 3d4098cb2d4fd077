package io.aliquot.agent.model;

import java.util.List;
import java.util.Map;

/**
 * What this node has.
 *
 * @param driverVersion as NVML gives it; empty where it does not
 * @param startedAtUnixMs wall clock when the agent started
 * @param faults why a GPU can't be read now, by its index; nothing for those that can
 */
public record Inventory(
        String node,
        String agentVersion,
        String driverVersion,
        long startedAtUnixMs,
        NodeLabels labels,
        List<GpuInfo> gpus,
        Map<Integer, String> faults) {
    public Inventory {
        gpus = List.copyOf(gpus);
        faults = Map.copyOf(faults);
    }

    /** @return the same with other GPUs that can't be read */
    public Inventory withFaults(Map<Integer, String> now) {
        return new Inventory(node, agentVersion, driverVersion, startedAtUnixMs, labels, gpus, now);
    }
}
