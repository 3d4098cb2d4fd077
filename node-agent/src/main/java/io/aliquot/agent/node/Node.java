package io.aliquot.agent.node;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.NodeSnapshot;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One open node: socket, pages and arbiter. Any thread may call. The arbiter runs in native code on a thread of its own,
 * "aliquot-arbiter", from {@link #open} to {@link #close}, so no garbage collection ever stops it.
 */
public final class Node implements AutoCloseable {
    private final NodeCalls calls;
    private final NodeFence fence = new NodeFence();
    private final List<GpuInfo> gpus;
    private final Thread arbiter;
    private final Object applying = new Object();
    private final Object reading = new Object();
    private volatile Optional<NodeException> failure = Optional.empty();
    private volatile boolean closed;

    private Node(NodeCalls calls, List<GpuInfo> gpus) {
        this.calls = calls;
        this.gpus = gpus;
        this.arbiter = Thread.ofPlatform().name("aliquot-arbiter").daemon().unstarted(this::arbitrate);
    }

    /**
     * Loads the library, makes the socket and starts the arbiter.
     *
     * @param library libaliquot-node.so
     * @param runDir absolute; it gets sock/agent.sock and tokens/
     * @param gpus 1 to 16; their order gives the device indexes
     * @throws NodeException {@link NodeException#EADDRINUSE} when a live agent owns the folder
     */
    public static Node open(Path library, Path runDir, List<GpuInfo> gpus) throws NodeException {
        Node node = new Node(NodeCalls.open(NodeLibrary.load(library), runDir, gpus), List.copyOf(gpus));
        node.arbiter.start();
        return node;
    }

    private void arbitrate() {
        try {
            calls.run();
        } catch (NodeException ended) {
            failure = Optional.of(ended);
        }
    }

    /**
     * Puts a decision in force, all or nothing, in some microseconds.
     *
     * @param atFallback the decision is the fallback form of one that was already applied under the same fence
     * @throws NodeException a value or a fence that the library refuses; what was in force stays
     */
    public void apply(Decision decision, boolean atFallback) throws NodeException {
        synchronized (applying) {
            checkOpen();
            MemorySegment quotas = calls.encode(decision, gpus);
            NodeFence.Stamp stamp = fence.next(decision.fence(), atFallback);
            calls.apply(quotas, stamp);
            fence.accepted(decision.fence(), stamp);
        }
    }

    /** @return all tenants now; {@link NodeSnapshot#takenAtNs} is taken just before */
    public NodeSnapshot snapshot() {
        synchronized (reading) {
            checkOpen();
            return calls.snapshot();
        }
    }

    /** @return whether the arbiter is at work */
    public boolean arbitrating() {
        return arbiter.isAlive();
    }

    /** @return why the arbiter ended by itself; nothing while it works or after an orderly close */
    public Optional<NodeException> failure() {
        return failure;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the node is closed");
        }
    }

    /** Ends the arbiter, waits for it, and closes every connection. Tenants go on at their fallback shares. */
    @Override
    public void close() {
        synchronized (applying) {
            synchronized (reading) {
                if (closed) {
                    return;
                }
                closed = true;
                calls.stop();
                awaitArbiter();
                calls.close();
            }
        }
    }

    private void awaitArbiter() {
        boolean interrupted = false;
        while (arbiter.isAlive()) {
            try {
                arbiter.join();
            } catch (InterruptedException wish) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
