package io.aliquot.controller.replay;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A recorded call of what decides. Immutable.
 *
 * @param number count within the term, from 1
 * @param nowMs on the controller's monotonic clock
 * @param decidedAtUnixMs on its wall clock
 * @param first fence of its first decision, or of the next one when it made none
 * @param decisions how many it made
 * @param inputOffsets as in its decisions
 * @param quotas in force before it; present at the first tick of a term that was recorded
 * @param changes accepted since the tick before
 * @param reports as they came since the tick before; the newest of each node counts
 * @param recorded the decisions that were sent, by their sequence
 * @param missing why from here on the term may not replay to the same decisions; empty when it does
 */
public record ReplayTick(
        long number,
        CallKind kind,
        long nowMs,
        long decidedAtUnixMs,
        Fence first,
        int decisions,
        int timeToLiveMs,
        Map<String, Long> inputOffsets,
        Optional<ClusterState> quotas,
        List<ClusterEvent> changes,
        List<NodeReport> reports,
        Map<Long, byte[]> recorded,
        String missing) {
    public ReplayTick {
        inputOffsets = Map.copyOf(inputOffsets);
        changes = List.copyOf(changes);
        reports = List.copyOf(reports);
        recorded = Map.copyOf(recorded);
    }
}
