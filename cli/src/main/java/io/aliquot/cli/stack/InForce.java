package io.aliquot.cli.stack;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.cli.base.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Watches a node for a quota to be in force in the tenants' control pages. Any thread. */
public final class InForce {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_NS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Agent agent;

    public InForce(Agent agent) {
        this.agent = agent;
    }

    /**
     * Waits until a tenant's weight is in force on every GPU of the node.
     *
     * @return when the node put it in force, {@link System#nanoTime()}
     * @throws CommandException when it is not within ten seconds
     */
    public long awaitWeight(String tenant, int weight) {
        long begunNs = System.nanoTime();
        while (true) {
            NodeSnapshot snapshot = agent.snapshot();
            if (has(snapshot, tenant, weight)) {
                // The time of the node's own note, unless a later decision has moved it past this look.
                return Math.max(begunNs, Math.min(snapshot.appliedAtNs(), snapshot.takenAtNs()));
            }
            if (System.nanoTime() - begunNs > PATIENCE.toNanos()) {
                throw CommandException.unavailable(
                        "weight " + weight + " of tenant " + tenant + " is not in force after " + PATIENCE.toSeconds()
                                + " s",
                        "see the controller's log for a refusal",
                        null);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static boolean has(NodeSnapshot snapshot, String tenant, int weight) {
        List<TenantSnapshot> own = snapshot.tenants().stream()
                .filter(t -> t.tenant().equals(tenant))
                .toList();
        return !own.isEmpty() && own.stream().allMatch(t -> t.share().weight() == weight);
    }
}
