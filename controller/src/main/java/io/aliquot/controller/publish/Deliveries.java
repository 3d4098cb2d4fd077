package io.aliquot.controller.publish;

import io.aliquot.controller.state.Delivery;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeAck;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which decisions the broker has, and which of them nodes have in force. Nothing waits; no clock of its own. Any thread. */
public final class Deliveries {
    /** Who was told nothing for so long, and said nothing, is gone. */
    static final long FORGOTTEN_MS = 600_000;

    /** Of a node that acknowledges nothing. */
    static final int MOST_WAITING = 32;

    /** By node; who was heard of least lately comes first. */
    private final Map<String, Node> nodes = new LinkedHashMap<>(64, 0.75f, true);

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
        Node node = heard(ack.node(), nowMs);
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
