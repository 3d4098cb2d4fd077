package io.aliquot.controller.state;

import io.aliquot.controller.division.Division;
import java.util.Map;

/**
 * A moment of the controller for those who look at it: state and the plans made from it. Immutable.
 *
 * @param division what every tenant gets, and why
 * @param plans the newest plan of each node, by name
 * @param atMs when, on the controller's monotonic clock
 */
public record ClusterView(ClusterState state, Division division, Map<String, NodePlan> plans, long atMs) {
    public ClusterView {
        plans = Map.copyOf(plans);
    }

    /** Nothing is known yet. */
    public static ClusterView empty(ClusterState state, long atMs) {
        return new ClusterView(state, Planner.divide(state, null, 0), Map.of(), atMs);
    }
}
