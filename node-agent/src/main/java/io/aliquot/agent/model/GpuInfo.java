package io.aliquot.agent.model;

/**
 * A GPU of this node, fixed while the agent runs.
 *
 * @param index the device index by which the node library knows it, from 0
 * @param uuid as NVML gives it: "GPU-" and 36 characters
 * @param simulated true for Aliquot's simulated GPU; every display says so
 */
public record GpuInfo(int index, String uuid, String name, long memoryTotalBytes, boolean simulated) {
    /** The longest UUID that fits a control page, without its NUL (aliquot_page.h). */
    public static final int UUID_LONGEST = 47;

    public GpuInfo {
        Require.range("GPU index", index, 0, 15);
        Require.text("GPU uuid", uuid, UUID_LONGEST);
        Require.notNegative("memoryTotalBytes", memoryTotalBytes);
    }
}
