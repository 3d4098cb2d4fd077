package io.aliquot.agent.model;

import java.util.List;
import java.util.Optional;

/**
 * All GPUs and tenants of the node in one interval.
 *
 * @param sequence grows by one an interval, from 1; a gap in what arrives is a lost record
 * @param sampledAtUnixMs wall clock at the interval's end
 * @param sampledAtNs monotonic clock at the interval's end
 * @param intervalNs length of the interval on the monotonic clock, whole microseconds
 * @param labels what the operator says of the node
 * @param applied the decision in force; absent before the first
 */
public record NodeUsage(
        String node,
        long sequence,
        long sampledAtUnixMs,
        long sampledAtNs,
        long intervalNs,
        List<GpuUsage> gpus,
        NodeLabels labels,
        Optional<FenceStamp> applied) {
    public NodeUsage {
        Require.range("intervalNs", intervalNs, 1, Long.MAX_VALUE);
        gpus = List.copyOf(gpus);
    }
}
