package io.aliquot.agent.node;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.NodeSnapshot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The node library's calls in Java's terms, on buffers that grow and are kept. One thread at a time for each of: apply
 * and encode; snapshot.
 */
final class NodeCalls {
    private static final int ERROR_BYTES = 256;
    private static final int EINVAL = 22;

    private final NodeLibrary library;
    private final MemorySegment handle;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment applyError = arena.allocate(ERROR_BYTES);
    private final MemorySegment status = arena.allocate(NodeLayouts.STATUS);
    private MemorySegment usage = arena.allocate(NodeLayouts.USAGE, 64);
    private MemorySegment quotas = arena.allocate(NodeLayouts.QUOTA, 64);
    private MemorySegment processes = arena.allocate(NodeLayouts.PROCESS, 256);

    private NodeCalls(NodeLibrary library, MemorySegment handle) {
        this.library = library;
        this.handle = handle;
    }

    static NodeCalls open(NodeLibrary library, Path runDir, List<GpuInfo> gpus) throws NodeException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment out = scratch.allocate(ADDRESS);
            MemorySegment error = scratch.allocate(ERROR_BYTES);
            MemorySegment folder = scratch.allocateFrom(runDir.toString());
            MemorySegment devices = NodeCodec.devices(scratch, gpus);
            int result;
            try {
                result = (int) library.open.invokeExact(folder, devices, gpus.size(), out, error, (long) ERROR_BYTES);
            } catch (Throwable failure) {
                throw NodeLibrary.signature(failure);
            }
            check("aliquot_node_open", result, error);
            return new NodeCalls(library, out.get(ADDRESS, 0));
        }
    }

    void run() throws NodeException {
        check("aliquot_node_run", call(library.run), MemorySegment.NULL);
    }

    void stop() {
        call(library.stop);
    }

    /** @return the decision as an array of quotas, in a buffer that the next call overwrites */
    MemorySegment encode(Decision decision, List<GpuInfo> gpus) throws NodeException {
        long count = decision.gpus().stream().mapToLong(g -> g.tenants().size()).sum();
        long bytes = count * NodeLayouts.QUOTA.byteSize();
        if (bytes > quotas.byteSize()) {
            quotas = arena.allocate(NodeLayouts.QUOTA, count * 2);
        }
        try {
            NodeCodec.quotas(quotas.asSlice(0, bytes), decision, gpus);
        } catch (IllegalArgumentException unfit) {
            throw new NodeException("apply", EINVAL, String.valueOf(unfit.getMessage()));
        }
        return quotas.asSlice(0, bytes);
    }

    void apply(MemorySegment set, NodeFence.Stamp fence) throws NodeException {
        int count = Math.toIntExact(set.byteSize() / NodeLayouts.QUOTA.byteSize());
        applyError.set(JAVA_BYTE, 0, (byte) 0);
        int result;
        try {
            result = (int) library.apply.invokeExact(
                    handle, set, count, fence.term(), fence.sequence(), applyError, (long) ERROR_BYTES);
        } catch (Throwable failure) {
            throw NodeLibrary.signature(failure);
        }
        check("aliquot_node_apply", result, applyError);
    }

    NodeSnapshot snapshot() {
        Map<Integer, String> connected = connected();
        while (true) {
            int capacity = Math.toIntExact(usage.byteSize() / NodeLayouts.USAGE.byteSize());
            long takenAtNs = System.nanoTime();
            int count;
            try {
                count = (int) library.snapshot.invokeExact(handle, usage, capacity, status);
            } catch (Throwable failure) {
                throw NodeLibrary.signature(failure);
            }
            if (count <= capacity) {
                return NodeCodec.snapshot(takenAtNs, usage, Math.max(0, count), status, connected);
            }
            usage = arena.allocate(NodeLayouts.USAGE, count * 2L);
        }
    }

    private Map<Integer, String> connected() {
        while (true) {
            int capacity = Math.toIntExact(processes.byteSize() / NodeLayouts.PROCESS.byteSize());
            int count;
            try {
                count = (int) library.processes.invokeExact(handle, processes, capacity);
            } catch (Throwable failure) {
                throw NodeLibrary.signature(failure);
            }
            if (count <= capacity) {
                return NodeCodec.processes(processes, count);
            }
            processes = arena.allocate(NodeLayouts.PROCESS, count * 2L);
        }
    }

    private int call(MethodHandle function) {
        try {
            return (int) function.invokeExact(handle);
        } catch (Throwable failure) {
            throw NodeLibrary.signature(failure);
        }
    }

    private static void check(String function, int result, MemorySegment error) throws NodeException {
        if (result < 0) {
            String line = error.byteSize() == 0 ? "" : error.getString(0, StandardCharsets.UTF_8);
            throw new NodeException(function, -result, line);
        }
    }

    /** The last call: frees the node and every buffer. */
    void close() {
        try {
            library.close.invokeExact(handle);
        } catch (Throwable failure) {
            throw NodeLibrary.signature(failure);
        }
        arena.close();
    }
}
