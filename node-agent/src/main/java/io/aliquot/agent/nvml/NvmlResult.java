package io.aliquot.agent.nvml;

/** What came of opening NVML. */
public sealed interface NvmlResult {
    /** NVML answers; the caller closes it. It may have no device at all. */
    record Opened(Nvml nvml) implements NvmlResult {}

    /** There is no NVML that works here: why, and what would help. */
    record Absent(String reason, String fix) implements NvmlResult {}
}
