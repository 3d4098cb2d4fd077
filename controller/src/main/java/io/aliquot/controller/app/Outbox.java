package io.aliquot.controller.app;

import io.aliquot.controller.publish.DecisionSender;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;

/** Numbers what the control loop decides, and hands it to those who send it. One thread: the loop's. */
final class Outbox implements ControlLoop.Sink {
    private final DecisionSender sender;
    private final Clock clock;
    private final String leaseTopicId;
    private final long term;
    private final int timeToLiveMs;
    private long nextSequence = 1;

    Outbox(DecisionSender sender, Clock clock, String leaseTopicId, long term, int timeToLiveMs) {
        this.sender = sender;
        this.clock = clock;
        this.leaseTopicId = leaseTopicId;
        this.term = term;
        this.timeToLiveMs = timeToLiveMs;
    }

    @Override
    public void decided(ControlLoop.Call call) {
        long decidedAtUnixMs = clock.unixMs().getAsLong();
        for (NodePlan plan : call.plans()) {
            Fence fence = new Fence(leaseTopicId, term, nextSequence++);
            sender.offer(new PlannedDecision(plan, fence, decidedAtUnixMs, timeToLiveMs, call.inputOffsets()));
        }
    }
}
