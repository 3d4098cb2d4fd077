package io.aliquot.agent.api;

import io.aliquot.agent.model.NodeUsage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the HTTP side asks the agent for. Each call is short, never waits, and may come from any thread. */
public interface AgentView {
    /** @return the last interval; nothing before the first */
    Optional<NodeUsage> lastUsage();

    /** @return what is broken beyond repair by waiting, for people; empty when the agent is alive */
    List<String> notAlive();

    /** @return what the agent still waits for, for people; empty when it does all of its work */
    List<String> notReady();

    /** @return seconds since the last decision was accepted; nothing before the first */
    OptionalDouble decisionAgeSeconds();

    /** @return the rung of the fail-safe ladder: empty, fresh, held or static */
    String rung();

    long decisionsAccepted();

    /** @return decisions of a stale fence, or for GPUs that this node doesn't have */
    long decisionsRefused();

    /** @return records that were no decision */
    long decisionsMalformed();

    /** @return records for other nodes in the same partition, which were skipped */
    long neighbours();

    /** @return acknowledgements that the broker has */
    long acksSent();

    /** @return acknowledgements that a newer one replaced before they were sent */
    long acksDropped();

    /** @return acknowledgements given up after the timeout */
    long acksFailed();

    long telemetrySent();

    long telemetryDropped();

    long telemetryFailed();

    /** @return processes connected to the node now */
    long connections();

    /** @return connections that the node refused since the start */
    long refusedConnections();
}
