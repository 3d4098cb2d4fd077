package io.aliquot.controller.state;

import java.util.List;

/** What can happen to the cluster's state. */
public sealed interface ClusterEvent {
    /**
     * The newest reports of some nodes.
     *
     * @param receivedAtMs on the controller's monotonic clock
     */
    record TelemetryReceived(List<NodeReport> reports, long receivedAtMs) implements ClusterEvent {
        public TelemetryReceived {
            reports = List.copyOf(reports);
        }
    }

    /** A quota is in force from now on. */
    record QuotaChanged(Quota quota) implements ClusterEvent {}

    /** A tenant is gone. */
    record QuotaRemoved(String tenant) implements ClusterEvent {}

    /** A node has not reported for a while. */
    record NodeSilent(String node) implements ClusterEvent {}

    /** A node has been silent for so long that it is no longer counted. */
    record NodeForgotten(String node) implements ClusterEvent {}
}
