package io.aliquot.controller.state;

import java.util.List;
import java.util.Optional;

/**
 * The last decisions for a node, and what is known of their arrival. Immutable. Times are the controller's monotonic clock.
 *
 * @param sent the last one that the broker has; nothing when this controller has sent none
 * @param waiting those that were sent and not acknowledged, the oldest first; of many the oldest ones and the last
 * @param acknowledged what the node said last; nothing before it did
 * @param acknowledgedAtMs when that came
 */
public record Delivery(Optional<Sent> sent, List<Sent> waiting, Optional<NodeAck> acknowledged, long acknowledgedAtMs) {
    /** Nothing is known. */
    public static final Delivery NONE = new Delivery(Optional.empty(), List.of(), Optional.empty(), 0);

    /** A decision that the broker has. */
    public record Sent(Fence fence, long atMs) {}

    public Delivery {
        waiting = List.copyOf(waiting);
    }

    /**
     * Those that are not in force yet, as far as is known.
     *
     * @param reported what the node's telemetry says that it has in force: all that there is of an agent that acknowledges nothing
     */
    public List<Sent> notInForce(Optional<Fence> reported) {
        return waiting.stream()
                .filter(one -> reported.isEmpty() || !reported.get().reaches(one.fence()))
                .toList();
    }
}
