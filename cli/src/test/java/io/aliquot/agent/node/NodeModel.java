package io.aliquot.agent.node;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A node as the enforcer sees it: the real numbering of fences, and the node library's rule that they only grow. */
public final class NodeModel {
    private final NodeFence fence = new NodeFence();
    private NodeFence.@Nullable Stamp highest;
    private @Nullable Decision inForce;

    /** As {@link Node#apply}. */
    public void apply(Decision decision, boolean atFallback) throws NodeException {
        NodeFence.Stamp stamp = fence.next(decision.fence(), atFallback);
        if (highest != null && !higher(stamp, highest)) {
            throw new NodeException("aliquot_node_apply", NodeException.ESTALE, stamp + " after " + highest);
        }
        highest = stamp;
        fence.accepted(decision.fence(), stamp);
        inForce = decision;
    }

    /** What tenants are held to; nothing before the first decision. */
    public Optional<Decision> inForce() {
        return Optional.ofNullable(inForce);
    }

    /** Of the decision in force. */
    public Optional<FenceStamp> fence() {
        return inForce().map(Decision::fence);
    }

    private static boolean higher(NodeFence.Stamp stamp, NodeFence.Stamp than) {
        return stamp.term() != than.term() ? stamp.term() > than.term() : stamp.sequence() > than.sequence();
    }
}
