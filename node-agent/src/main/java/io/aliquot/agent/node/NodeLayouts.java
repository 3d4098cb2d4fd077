package io.aliquot.agent.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.Arrays;

/** The structs of aliquot_node.h. Sizes are checked when the class is loaded, as the header checks them when compiled. */
final class NodeLayouts {
    static final StructLayout DEVICE =
            sized(56, MemoryLayout.structLayout(text("uuid", 48), JAVA_LONG.withName("total_memory_bytes")));

    static final StructLayout LIMITS = sized(
            32,
            MemoryLayout.structLayout(
                    JAVA_INT.withName("weight"),
                    JAVA_INT.withName("floor_permille"),
                    JAVA_INT.withName("ceiling_permille"),
                    JAVA_INT.withName("target_permille"),
                    JAVA_INT.withName("fallback_permille"),
                    JAVA_INT.withName("flags"),
                    JAVA_LONG.withName("memory_limit_bytes")));

    static final StructLayout QUOTA = sized(
            104,
            MemoryLayout.structLayout(
                    text("tenant", 64),
                    JAVA_INT.withName("device"),
                    JAVA_INT.withName("reserved"),
                    LIMITS.withName("quota")));

    static final StructLayout USAGE = sized(
            184,
            MemoryLayout.structLayout(
                    text("tenant", 64),
                    JAVA_INT.withName("device"),
                    JAVA_INT.withName("processes"),
                    JAVA_LONG.withName("gpu_ns"),
                    JAVA_LONG.withName("held_ns"),
                    JAVA_LONG.withName("waited_ns"),
                    JAVA_LONG.withName("blocked_ns"),
                    JAVA_LONG.withName("launches"),
                    JAVA_LONG.withName("memory_bytes"),
                    JAVA_LONG.withName("anomalies"),
                    JAVA_INT.withName("waiting"),
                    JAVA_INT.withName("has_turn"),
                    LIMITS.withName("quota"),
                    JAVA_LONG.withName("missed"),
                    JAVA_LONG.withName("pinned_bytes")));

    static final StructLayout PROCESS = sized(
            72, MemoryLayout.structLayout(text("tenant", 64), JAVA_INT.withName("pid"), JAVA_INT.withName("reserved")));

    static final StructLayout STATUS = sized(
            64,
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("generation"),
                    JAVA_LONG.withName("applied_ns"),
                    JAVA_LONG.withName("fence_term"),
                    JAVA_LONG.withName("fence_sequence"),
                    JAVA_LONG.withName("connections"),
                    JAVA_LONG.withName("refused_connections"),
                    JAVA_LONG.withName("turns"),
                    JAVA_LONG.withName("wakeups")));

    private NodeLayouts() {}

    static long offset(StructLayout layout, String... path) {
        return layout.byteOffset(
                Arrays.stream(path).map(PathElement::groupElement).toArray(PathElement[]::new));
    }

    private static MemoryLayout text(String name, int bytes) {
        return MemoryLayout.sequenceLayout(bytes, JAVA_BYTE).withName(name);
    }

    private static StructLayout sized(long bytes, StructLayout layout) {
        if (layout.byteSize() != bytes) {
            throw new AssertionError(layout + " has " + layout.byteSize() + " bytes, aliquot_node.h says " + bytes);
        }
        return layout;
    }
}
