package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.InvalidPolicyException;
import io.aliquot.controller.fairshare.PolicyTree;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * All that the controller knows: quotas by tenant, nodes by name. Immutable; any thread.
 *
 * @param quotas unmodifiable, the cluster's own ({@value Quota#CLUSTER}) among them
 * @param tree the tenants of the quotas, without the cluster's own
 * @param nodes unmodifiable
 */
public record ClusterState(SortedMap<String, Quota> quotas, PolicyTree tree, SortedMap<String, NodeState> nodes) {
    /** No tenants, no nodes. */
    public static final ClusterState EMPTY = of(Collections.emptySortedMap());

    /**
     * These quotas, and no nodes.
     *
     * @throws InvalidPolicyException when they make no tree
     */
    public static ClusterState of(SortedMap<String, Quota> quotas) {
        return of(quotas, Collections.emptySortedMap());
    }

    /**
     * The state after an event; this one is unchanged.
     *
     * @throws InvalidPolicyException when the quotas make no tree any more; {@link QuotaPolicy} accepts no such change
     */
    public ClusterState apply(ClusterEvent event) {
        return switch (event) {
            case ClusterEvent.QuotaChanged(Quota quota) -> withQuotas(q -> q.put(quota.tenant(), quota));
            case ClusterEvent.QuotaRemoved(String tenant) -> withQuotas(q -> q.remove(tenant));
            case ClusterEvent.TelemetryReceived telemetry ->
                withNodes(nodes -> {
                    for (NodeReport report : telemetry.reports()) {
                        nodes.compute(
                                report.node(),
                                (name, before) -> NodeState.after(before, report, telemetry.receivedAtMs()));
                    }
                });
            case ClusterEvent.NodeSilent(String node) ->
                withNodes(nodes -> nodes.computeIfPresent(node, (name, state) -> state.silenced()));
            case ClusterEvent.NodeForgotten(String node) -> withNodes(nodes -> nodes.remove(node));
        };
    }

    /**
     * The same nodes under other quotas.
     *
     * @throws InvalidPolicyException when they make no tree
     */
    public ClusterState withQuotas(SortedMap<String, Quota> other) {
        return of(other, nodes);
    }

    private ClusterState withQuotas(Consumer<SortedMap<String, Quota>> change) {
        SortedMap<String, Quota> next = new TreeMap<>(quotas);
        change.accept(next);
        return of(next, nodes);
    }

    private static ClusterState of(SortedMap<String, Quota> quotas, SortedMap<String, NodeState> nodes) {
        PolicyTree tree = PolicyTree.of(quotas.values().stream()
                .filter(quota -> !quota.isCluster())
                .map(Quota::policy)
                .toList());
        return new ClusterState(Collections.unmodifiableSortedMap(new TreeMap<>(quotas)), tree, nodes);
    }

    private ClusterState withNodes(Consumer<SortedMap<String, NodeState>> change) {
        SortedMap<String, NodeState> next = new TreeMap<>(nodes);
        change.accept(next);
        return new ClusterState(quotas, tree, Collections.unmodifiableSortedMap(next));
    }
}
