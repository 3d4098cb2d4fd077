package io.aliquot.controller.state;

import java.util.Map;

/**
 * A moment of the controller for those who look at it: state and the plans made from it. Immutable.
 *
 * @param plans the newest plan of each node, by name
 * @param atMs when, on the controller's monotonic clock
 */
public record ClusterView(ClusterState state, Map<String, NodePlan> plans, long atMs) {
    public ClusterView {
        plans = Map.copyOf(plans);
    }
}
