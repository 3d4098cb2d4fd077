package io.aliquot.controller.app;

import io.aliquot.controller.publish.JournalEntry;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;
import java.util.function.Consumer;

/** Numbers what the control loop decides, and hands it to those who send it. One thread: the loop's. */
final class Outbox implements ControlLoop.Sink {
    private final Consumer<PlannedDecision> decisions;
    private final Consumer<JournalEntry> journal;
    private final Clock clock;
    private final Term term;
    private long calls;
    private long nextSequence = 1;

    /**
     * What all its decisions share.
     *
     * @param claimedAtMs when the broker appended the claim, by its clock
     * @param requestTopicId id of the topic that the offsets of requests belong to
     */
    record Term(String leaseTopicId, long number, long claimedAtMs, String requestTopicId, int timeToLiveMs) {}

    /** @param decisions takes each decision, and the journal each call; neither may wait */
    Outbox(Consumer<PlannedDecision> decisions, Consumer<JournalEntry> journal, Clock clock, Term term) {
        this.decisions = decisions;
        this.journal = journal;
        this.clock = clock;
        this.term = term;
    }

    @Override
    public void decided(ControlLoop.Call call) {
        long unixMs = clock.unixMs().getAsLong();
        Fence first = fence(nextSequence);
        for (NodePlan plan : call.plans()) {
            decisions.accept(
                    new PlannedDecision(plan, fence(nextSequence++), unixMs, term.timeToLiveMs, call.inputOffsets()));
        }
        journal.accept(new JournalEntry(
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
        return new Fence(term.leaseTopicId, term.number, sequence, term.claimedAtMs);
    }
}
