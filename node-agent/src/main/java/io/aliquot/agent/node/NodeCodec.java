package io.aliquot.agent.node;

import static io.aliquot.agent.node.NodeLayouts.DEVICE;
import static io.aliquot.agent.node.NodeLayouts.PROCESS;
import static io.aliquot.agent.node.NodeLayouts.QUOTA;
import static io.aliquot.agent.node.NodeLayouts.STATUS;
import static io.aliquot.agent.node.NodeLayouts.USAGE;
import static io.aliquot.agent.node.NodeLayouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.schema.ServiceClass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Between the model's records and the structs of aliquot_node.h. */
final class NodeCodec {
    private static final int UUID_BYTES = 48;
    private static final int TENANT_BYTES = 64;
    private static final long LIMITS_IN_QUOTA = offset(QUOTA, "quota");
    private static final long LIMITS_IN_USAGE = offset(USAGE, "quota");
    private static final long WEIGHT = offset(NodeLayouts.LIMITS, "weight");
    private static final long FLOOR = offset(NodeLayouts.LIMITS, "floor_permille");
    private static final long CEILING = offset(NodeLayouts.LIMITS, "ceiling_permille");
    private static final long TARGET = offset(NodeLayouts.LIMITS, "target_permille");
    private static final long FALLBACK = offset(NodeLayouts.LIMITS, "fallback_permille");
    private static final long FLAGS = offset(NodeLayouts.LIMITS, "flags");
    private static final long MEMORY_LIMIT = offset(NodeLayouts.LIMITS, "memory_limit_bytes");

    /** ALIQUOT_QUOTA_… of aliquot_page.h. */
    private static final int HARD = 1;

    private static final int LATENCY_CRITICAL = 2;
    private static final int BEST_EFFORT = 4;

    private NodeCodec() {}

    static MemorySegment devices(Arena arena, List<GpuInfo> gpus) {
        MemorySegment array = arena.allocate(DEVICE, gpus.size());
        for (GpuInfo gpu : gpus) {
            MemorySegment at = array.asSlice(gpu.index() * DEVICE.byteSize(), DEVICE);
            text(at, UUID_BYTES, gpu.uuid());
            at.set(JAVA_LONG, offset(DEVICE, "total_memory_bytes"), gpu.memoryTotalBytes());
        }
        return array;
    }

    /** @throws IllegalArgumentException for a GPU that this node doesn't have, or a name that doesn't fit */
    static void quotas(MemorySegment array, Decision decision, List<GpuInfo> gpus) {
        array.fill((byte) 0);
        long position = 0;
        for (GpuShares gpu : decision.gpus()) {
            int device = gpus.stream()
                    .filter(g -> g.uuid().equals(gpu.gpuUuid()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("this node has no GPU " + gpu.gpuUuid()))
                    .index();
            for (TenantShare share : gpu.tenants()) {
                MemorySegment at = array.asSlice(position, QUOTA);
                text(at, TENANT_BYTES, share.tenant());
                at.set(JAVA_INT, offset(QUOTA, "device"), device);
                limits(at.asSlice(LIMITS_IN_QUOTA), share);
                position += QUOTA.byteSize();
            }
        }
    }

    private static void limits(MemorySegment at, TenantShare share) {
        at.set(JAVA_INT, WEIGHT, share.weight());
        at.set(JAVA_INT, FLOOR, share.floorPermille());
        at.set(JAVA_INT, CEILING, share.ceilingPermille());
        at.set(JAVA_INT, TARGET, share.targetPermille());
        at.set(JAVA_INT, FALLBACK, share.fallbackPermille());
        at.set(JAVA_INT, FLAGS, flags(share));
        at.set(JAVA_LONG, MEMORY_LIMIT, share.memoryLimitBytes());
    }

    private static int flags(TenantShare share) {
        int hard = share.hardCeiling() ? HARD : 0;
        return switch (share.serviceClass()) {
            case STANDARD -> hard;
            case LATENCY_CRITICAL -> hard | LATENCY_CRITICAL;
            case BEST_EFFORT -> hard | BEST_EFFORT;
        };
    }

    static NodeSnapshot snapshot(
            long takenAtNs, MemorySegment usage, int count, MemorySegment status, Map<Integer, String> processes) {
        List<TenantSnapshot> tenants = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tenants.add(tenant(usage.asSlice(i * USAGE.byteSize(), USAGE)));
        }
        return new NodeSnapshot(
                takenAtNs,
                tenants,
                status.get(JAVA_LONG, offset(STATUS, "generation")),
                status.get(JAVA_LONG, offset(STATUS, "applied_ns")),
                status.get(JAVA_LONG, offset(STATUS, "connections")),
                status.get(JAVA_LONG, offset(STATUS, "refused_connections")),
                status.get(JAVA_LONG, offset(STATUS, "turns")),
                status.get(JAVA_LONG, offset(STATUS, "wakeups")),
                processes);
    }

    /** @return the tenant of each host pid */
    static Map<Integer, String> processes(MemorySegment array, int count) {
        Map<Integer, String> found = new HashMap<>();
        for (int i = 0; i < count; i++) {
            MemorySegment at = array.asSlice(i * PROCESS.byteSize(), PROCESS);
            found.put(at.get(JAVA_INT, offset(PROCESS, "pid")), at.getString(0, StandardCharsets.UTF_8));
        }
        return found;
    }

    private static TenantSnapshot tenant(MemorySegment at) {
        return new TenantSnapshot(
                at.getString(0, StandardCharsets.UTF_8),
                at.get(JAVA_INT, offset(USAGE, "device")),
                at.get(JAVA_INT, offset(USAGE, "processes")),
                at.get(JAVA_LONG, offset(USAGE, "gpu_ns")),
                at.get(JAVA_LONG, offset(USAGE, "held_ns")),
                at.get(JAVA_LONG, offset(USAGE, "waited_ns")),
                at.get(JAVA_LONG, offset(USAGE, "blocked_ns")),
                at.get(JAVA_LONG, offset(USAGE, "launches")),
                at.get(JAVA_LONG, offset(USAGE, "memory_bytes")),
                at.get(JAVA_LONG, offset(USAGE, "anomalies")),
                at.get(JAVA_LONG, offset(USAGE, "missed")),
                at.get(JAVA_LONG, offset(USAGE, "pinned_bytes")),
                at.get(JAVA_INT, offset(USAGE, "waiting")),
                at.get(JAVA_INT, offset(USAGE, "has_turn")) != 0,
                inForce(at.asSlice(LIMITS_IN_USAGE)));
    }

    private static TenantSnapshot.Quota inForce(MemorySegment at) {
        int flags = at.get(JAVA_INT, FLAGS);
        return new TenantSnapshot.Quota(
                at.get(JAVA_INT, WEIGHT),
                at.get(JAVA_INT, FLOOR),
                at.get(JAVA_INT, CEILING),
                (flags & HARD) != 0,
                serviceClass(flags),
                at.get(JAVA_INT, TARGET),
                at.get(JAVA_INT, FALLBACK),
                at.get(JAVA_LONG, MEMORY_LIMIT));
    }

    private static ServiceClass serviceClass(int flags) {
        if ((flags & LATENCY_CRITICAL) != 0) {
            return ServiceClass.LATENCY_CRITICAL;
        }
        return (flags & BEST_EFFORT) != 0 ? ServiceClass.BEST_EFFORT : ServiceClass.STANDARD;
    }

    private static void text(MemorySegment at, int capacity, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= capacity) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" has " + bytes.length + " bytes; at most " + (capacity - 1) + " fit");
        }
        MemorySegment.copy(bytes, 0, at, JAVA_BYTE, 0, bytes.length);
    }
}
