package io.aliquot.controller.publish;

import io.aliquot.controller.state.Delivery;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which decisions the broker has, and which of them nodes have in force, and how long that took. Nothing waits; no clock of its own.
 * Any thread.
 */
public final class Deliveries {
    /** Who was told nothing for so long, and said nothing, is gone. */
    static final long FORGOTTEN_MS = 600_000;

    /** Of a node that acknowledges nothing. */
    static final int MOST_WAITING = 32;

    /** Two repetitions of a decision: a node that missed so much is behind. */
    static final long BEHIND_MS = 4000;

    /** By node; who was heard of least lately comes first. */
    private final Map<String, Node> nodes = new LinkedHashMap<>(64, 0.75f, true);

    private final Counter acks;
    private final Timer latency;
    private final Timer delivery;

    public Deliveries(MeterRegistry meters) {
        this.acks = meters.counter("aliquot.controller.acks");
        this.latency = meters.timer("aliquot.controller.decision.latency");
        this.delivery = meters.timer("aliquot.controller.decision.delivery");
    }

    private static final class Node {
        private final Deque<Delivery.Sent> waiting = new ArrayDeque<>();
        private Delivery.@Nullable Sent sent;
        private @Nullable NodeAck ack;
        private long ackAtMs;
        private long heardAtMs;
    }

    /**
     * The broker has a decision.
     *
     * @param nowMs on the controller's monotonic clock
     */
    public synchronized void sent(String name, Fence fence, long nowMs) {
        Node node = heard(name, nowMs);
        Delivery.Sent now = new Delivery.Sent(fence, nowMs);
        node.sent = now;
        if (node.ack != null && node.ack.applied().reaches(fence)) {
            return; // the node was faster than the broker's answer
        }
        if (node.waiting.size() == MOST_WAITING) {
            node.waiting.removeLast();
        }
        node.waiting.addLast(now);
    }

    /** A node has a decision in force. */
    public synchronized void acknowledged(NodeAck ack, long nowMs) {
        acks.increment();
        ack.sampleToAppliedUs().ifPresent(us -> latency.record(us, TimeUnit.MICROSECONDS));
        Node node = heard(ack.node(), nowMs);
        node.waiting.stream()
                .filter(one -> one.fence().equals(ack.applied()))
                .forEach(one -> delivery.record(nowMs - one.atMs(), TimeUnit.MILLISECONDS));
        node.ack = ack;
        node.ackAtMs = nowMs;
        node.waiting.removeIf(one -> ack.applied().reaches(one.fence()));
    }

    /** What is known now, by node. */
    public synchronized Map<String, Delivery> all() {
        Map<String, Delivery> all = new HashMap<>();
        nodes.forEach((name, node) -> all.put(
                name,
                new Delivery(
                        Optional.ofNullable(node.sent),
                        node.waiting.stream().toList(),
                        Optional.ofNullable(node.ack),
                        node.ackAtMs)));
        return all;
    }

    /** How many of the nodes that report have had a decision waiting for two repetitions. */
    public synchronized int behind(Map<String, NodeState> reporting, long nowMs) {
        int behind = 0;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            NodeState state = reporting.get(entry.getKey());
            if (state != null && !state.silent()) {
                Optional<Fence> reported = state.report().applied();
                boolean late = entry.getValue().waiting.stream()
                        .filter(one -> nowMs - one.atMs() > BEHIND_MS)
                        .anyMatch(one -> reported.isEmpty() || !reported.get().reaches(one.fence()));
                behind += late ? 1 : 0;
            }
        }
        return behind;
    }

    private Node heard(String name, long nowMs) {
        Node node = nodes.computeIfAbsent(name, fresh -> new Node());
        node.heardAtMs = nowMs;
        for (Iterator<Node> least = nodes.values().iterator();
                least.hasNext() && nowMs - least.next().heardAtMs > FORGOTTEN_MS; ) {
            least.remove();
        }
        return node;
    }
}
