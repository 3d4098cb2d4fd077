package io.aliquot.agent.model;

import java.util.List;
import java.util.Optional;

/** One tick of NVML over all GPUs: each GPU is in exactly one of the two lists. */
public record GpuReadings(List<GpuReading> readings, List<GpuFault> faults) {
    public GpuReadings {
        readings = List.copyOf(readings);
        faults = List.copyOf(faults);
    }

    /** @return the reading of the GPU, or nothing when it could not be read */
    public Optional<GpuReading> of(int gpuIndex) {
        return readings.stream().filter(r -> r.gpuIndex() == gpuIndex).findFirst();
    }
}
