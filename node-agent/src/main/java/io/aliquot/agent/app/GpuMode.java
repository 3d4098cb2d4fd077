package io.aliquot.agent.app;

/** Which GPUs an agent serves. */
public enum GpuMode {
    /** The real ones where NVML answers and has at least one, else the simulated one. */
    AUTO,
    /** The simulated one. */
    SIM,
    /** The real ones, or none. */
    REAL
}
