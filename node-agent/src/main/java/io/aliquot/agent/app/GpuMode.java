package io.aliquot.agent.app;

/** Which GPUs an agent serves. */
public enum GpuMode {
    /** The real ones where NVML answers and has at least one, else simulated ones. */
    AUTO,
    /** Simulated ones. */
    SIM,
    /** The real ones, or none. */
    REAL
}
