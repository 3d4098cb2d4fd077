package io.aliquot.controller.decide;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.NodeState;
import io.aliquot.controller.state.Planner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns quotas and reports into what is told to nodes. What it answers depends on its calls alone, to the bit: the same calls in
 * the same order, on any machine, give the same plans. One thread.
 */
public final class Decider {
    /** A node that has not reported for this long is silent. */
    public static final long SILENT_MS = 5000;

    /** A node that has been silent for this long is forgotten. */
    public static final long FORGOTTEN_MS = 600_000;

    private static final double MS_PER_SECOND = 1000;

    private final DecisionBook book = new DecisionBook();
    private final SortedMap<String, NodePlan> plans = new TreeMap<>();
    private ClusterState state;
    private @Nullable Division division;
    private long dividedAtMs;

    /**
     * @param initial the quotas in force, and no nodes
     * @param nowMs on a monotonic clock, as in every call
     */
    public Decider(ClusterState initial, long nowMs) {
        this.state = initial;
        this.dividedAtMs = nowMs;
    }

    /**
     * Quotas changed.
     *
     * @return what is to be published, in the order of the nodes' names: each plan that differs at all
     */
    public List<NodePlan> changed(List<ClusterEvent> events, long nowMs) {
        events.forEach(event -> state = state.apply(event));
        return divide(true, nowMs);
    }

    /**
     * Time went on.
     *
     * @param reports the newest of each node that reported since the last tick
     * @return what is to be published, in the order of the nodes' names: each plan that differs enough, or was told long ago
     */
    public List<NodePlan> tick(List<NodeReport> reports, long nowMs) {
        if (!reports.isEmpty()) {
            state = state.apply(new ClusterEvent.TelemetryReceived(reports, nowMs));
        }
        for (Map.Entry<String, NodeState> node : state.nodes().entrySet()) {
            age(node.getKey(), node.getValue(), nowMs);
        }
        return divide(false, nowMs);
    }

    /** What is known and was decided, for those who look at it. */
    public ClusterView view() {
        return division == null
                ? ClusterView.empty(state, dividedAtMs)
                : new ClusterView(state, division, plans, dividedAtMs);
    }

    /** The last division; null before the first call. */
    public @Nullable Division division() {
        return division;
    }

    private List<NodePlan> divide(boolean exactly, long nowMs) {
        Division next = Planner.divide(state, division, (nowMs - dividedAtMs) / MS_PER_SECOND);
        division = next;
        dividedAtMs = nowMs;
        List<NodePlan> told = new ArrayList<>();
        for (NodeState node : state.nodes().values()) {
            if (!node.silent()) {
                NodePlan plan = Planner.plan(state, next, node);
                plans.put(plan.node(), plan);
                if (book.take(plan, exactly, nowMs)) {
                    told.add(
                            exactly || node.receivedAtMs() != nowMs
                                    ? plan
                                    : plan.answering(node.report().mark()));
                }
            }
        }
        return told;
    }

    private void age(String name, NodeState node, long nowMs) {
        long ageMs = nowMs - node.receivedAtMs();
        if (ageMs > FORGOTTEN_MS) {
            state = state.apply(new ClusterEvent.NodeForgotten(name));
            plans.remove(name);
            book.forget(name);
        } else if (ageMs > SILENT_MS && !node.silent()) {
            state = state.apply(new ClusterEvent.NodeSilent(name));
        }
    }
}
