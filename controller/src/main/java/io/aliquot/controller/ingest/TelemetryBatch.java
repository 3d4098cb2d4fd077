package io.aliquot.controller.ingest;

import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.SkippedRecords;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was taken of the telemetry at one moment. Immutable.
 *
 * @param reports the newest of each node since the last time, by the nodes' names
 * @param nextOffsets up to where these reports are: topic, or {@code topic/partition} above partition 0, to the next offset
 * @param skipped what of it was never read
 */
public record TelemetryBatch(
        List<NodeReport> reports, SortedMap<String, Long> nextOffsets, List<SkippedRecords> skipped) {
    public TelemetryBatch {
        reports = List.copyOf(reports);
        nextOffsets = Collections.unmodifiableSortedMap(new TreeMap<>(nextOffsets));
        skipped = List.copyOf(skipped);
    }
}
