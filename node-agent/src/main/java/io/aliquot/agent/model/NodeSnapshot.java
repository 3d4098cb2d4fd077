package io.aliquot.agent.model;

import java.util.List;
import java.util.Map;

/**
 * All tenants of the node at one moment, and the node's own counters.
 *
 * @param takenAtNs {@link System#nanoTime()}, which on Linux is CLOCK_MONOTONIC like every time of the node library
 * @param appliedAtNs CLOCK_MONOTONIC of the last applied decision; 0 before the first
 * @param generation decisions applied since the agent started
 * @param connections open now
 * @param refusedConnections bad token, garbage, too many or too slow, since the agent started
 * @param processes the tenant of each connected process, by host pid
 */
public record NodeSnapshot(
        long takenAtNs,
        List<TenantSnapshot> tenants,
        long generation,
        long appliedAtNs,
        long connections,
        long refusedConnections,
        long turns,
        long wakeups,
        Map<Integer, String> processes) {
    public NodeSnapshot {
        tenants = List.copyOf(tenants);
        processes = Map.copyOf(processes);
    }
}
