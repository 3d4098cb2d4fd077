package io.aliquot.controller.publish;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.SkippedRecords;
import io.aliquot.schema.v1.Tick;
import io.aliquot.schema.v1.TickKind;
import java.util.List;
import java.util.Map;

/**
 * One call of what decides, for the journal. Immutable.
 *
 * @param number count within the term, from 1
 * @param nowMs on the controller's monotonic clock
 * @param inputOffsets as in its decisions
 * @param skipped telemetry before those that was never read
 * @param first fence of its first decision, or of the next one when it made none
 * @param decisions how many it made
 */
public record JournalEntry(
        long number,
        CallKind kind,
        long nowMs,
        long decidedAtUnixMs,
        Map<String, Long> inputOffsets,
        List<SkippedRecords> skipped,
        String requestTopicId,
        Fence first,
        int decisions,
        int timeToLiveMs) {
    public JournalEntry {
        inputOffsets = Map.copyOf(inputOffsets);
        skipped = List.copyOf(skipped);
    }

    /** The message of the journal. */
    byte[] toBytes() {
        Tick.Builder tick = Tick.newBuilder()
                .setLeaseTopicId(first.leaseTopicId())
                .setTerm(first.term())
                .setLeaseClaimedAtMs(first.claimedAtMs())
                .setNumber(number)
                .setKind(kind(kind))
                .setNowMs(nowMs)
                .setDecidedAtUnixMs(decidedAtUnixMs)
                .putAllInputOffsets(inputOffsets)
                .setRequestTopicId(requestTopicId)
                .setFirstSequence(first.sequence())
                .setDecisions(decisions)
                .setTimeToLiveMs(timeToLiveMs);
        for (SkippedRecords gap : skipped) {
            tick.addSkipped(io.aliquot.schema.v1.SkippedRecords.newBuilder()
                    .setPartition(gap.partition())
                    .setFrom(gap.from())
                    .setTo(gap.to()));
        }
        return Bytes.of(tick.build());
    }

    private static TickKind kind(CallKind kind) {
        return switch (kind) {
            case START -> TickKind.TICK_KIND_START;
            case QUOTAS -> TickKind.TICK_KIND_QUOTAS;
            case TICK -> TickKind.TICK_KIND_TICK;
        };
    }
}
