package io.aliquot.cli.stack;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.cli.base.CommandException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches a node for a changed quota to be in force in the tenants' control pages. A change is known by its version: what a
 * node is told of weight and floor is a share of now, and moves with demand. Any thread.
 */
public final class InForce {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_NS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Agent agent;

    public InForce(Agent agent) {
        this.agent = agent;
    }

    /** @return the version of a tenant's quota that is in force on every GPU of the node; 0 while it is not on each */
    public long version(String tenant) {
        return agent.decision().map(decision -> lowest(decision, tenant)).orElse(0L);
    }

    /**
     * Waits until a later version of a tenant's quota is in force on every GPU of the node.
     *
     * @param before {@link #version} before the change was asked for
     * @return when the node put it in force, {@link System#nanoTime()}
     * @throws CommandException when it is not within ten seconds
     */
    public long awaitNewer(String tenant, long before) {
        long begunNs = System.nanoTime();
        while (version(tenant) <= before) {
            if (System.nanoTime() - begunNs > PATIENCE.toNanos()) {
                throw CommandException.unavailable(
                        "the change of tenant " + tenant + " is not in force after " + PATIENCE.toSeconds()
                                + " s: its quota's version is still " + version(tenant),
                        "see the controller's log for a refusal",
                        null);
            }
            LockSupport.parkNanos(POLL_NS);
        }
        // The time of the node's own note, unless a later decision has moved it past this look.
        NodeSnapshot snapshot = agent.snapshot();
        return Math.min(snapshot.appliedAtNs(), snapshot.takenAtNs());
    }

    private long lowest(Decision decision, String tenant) {
        return agent.gpus().stream()
                .mapToLong(gpu -> {
                    TenantShare share = decision.shares(gpu.uuid()).get(tenant);
                    return share == null ? 0 : share.quotaVersion();
                })
                .min()
                .orElse(0);
    }
}
