package io.aliquot.agent.model;

/** A GPU that could not be read in one tick (lost, reset, no permission), and NVML's reason for people. */
public record GpuFault(int gpuIndex, String reason) {}
