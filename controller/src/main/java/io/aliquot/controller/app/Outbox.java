package io.aliquot.controller.app;

import io.aliquot.controller.publish.DecisionSender;
import io.aliquot.controller.publish.JournalEntry;
import io.aliquot.controller.publish.JournalSender;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;

/** Numbers what the control loop decides, and hands it to those who send it. One thread: the loop's. */
final class Outbox implements ControlLoop.Sink {
    private final DecisionSender sender;
    private final JournalSender journal;
    private final Clock clock;
    private final Term term;
    private long calls;
    private long nextSequence = 1;

    /**
     * What all its decisions share.
     *
     * @param requestTopicId id of the topic that the offsets of requests belong to
     */
    record Term(String leaseTopicId, long number, String requestTopicId, int timeToLiveMs) {}

    Outbox(DecisionSender sender, JournalSender journal, Clock clock, Term term) {
        this.sender = sender;
        this.journal = journal;
        this.clock = clock;
        this.term = term;
    }

    @Override
    public void decided(ControlLoop.Call call) {
        long unixMs = clock.unixMs().getAsLong();
        Fence first = fence(nextSequence);
        for (NodePlan plan : call.plans()) {
            sender.offer(
                    new PlannedDecision(plan, fence(nextSequence++), unixMs, term.timeToLiveMs, call.inputOffsets()));
        }
        journal.offer(new JournalEntry(
                ++calls,
                call.kind(),
                call.nowMs(),
                unixMs,
                call.inputOffsets(),
                call.skipped(),
                term.requestTopicId,
                first,
                call.plans().size(),
                term.timeToLiveMs));
    }

    private Fence fence(long sequence) {
        return new Fence(term.leaseTopicId, term.number, sequence);
    }
}
