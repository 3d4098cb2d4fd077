package io.aliquot.controller.app;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.NodePlan;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The controller's own numbering of decisions, for the simulation. */
public final class OutboxDoor {
    private final Outbox outbox;

    /** @param unixMs the controller's wall clock */
    public OutboxDoor(
            String leaseTopicId,
            long term,
            long claimedAtMs,
            int timeToLiveMs,
            LongSupplier unixMs,
            Consumer<PlannedDecision> decisions) {
        Outbox.Term of = new Outbox.Term(leaseTopicId, term, claimedAtMs, "requests", timeToLiveMs);
        this.outbox = new Outbox(decisions, entry -> {}, new Clock(unixMs, () -> 0), of);
    }

    public void decided(CallKind kind, long nowMs, List<NodePlan> plans) {
        outbox.decided(new ControlLoop.Call(kind, nowMs, new TreeMap<>(), List.of(), plans));
    }
}
