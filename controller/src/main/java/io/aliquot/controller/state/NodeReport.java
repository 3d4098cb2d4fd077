package io.aliquot.controller.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node saw in one interval. Immutable.
 *
 * @param sequence grows by one a record since the agent started
 * @param sampledAtUnixMs the node's wall clock
 * @param mark of this report, to be brought back; nothing from an agent that gives none
 * @param intervalUs length of the interval, above 0
 * @param labels what the operator says of the node
 * @param applied the decision in force on the node
 */
public record NodeReport(
        String node,
        long sequence,
        long sampledAtUnixMs,
        Optional<SampleMark> mark,
        long intervalUs,
        List<Gpu> gpus,
        Map<String, String> labels,
        Optional<Fence> applied) {
    /** One without a mark. */
    public NodeReport(
            String node,
            long sequence,
            long sampledAtUnixMs,
            long intervalUs,
            List<Gpu> gpus,
            Map<String, String> labels,
            Optional<Fence> applied) {
        this(node, sequence, sampledAtUnixMs, Optional.empty(), intervalUs, gpus, labels, applied);
    }

    /** @throws IllegalArgumentException when a name is empty, the interval not positive, or a GPU or tenant is there twice */
    public NodeReport {
        gpus = List.copyOf(gpus);
        labels = Map.copyOf(labels);
        require(!node.isEmpty() && node.length() <= 255, "node name of 1 to 255 characters");
        require(intervalUs > 0, "interval above 0");
        require(gpus.stream().map(Gpu::uuid).distinct().count() == gpus.size(), "each GPU once");
    }

    /**
     * One GPU.
     *
     * @param simulated true for Aliquot's simulated one
     */
    public record Gpu(
            String uuid,
            String name,
            boolean simulated,
            long memoryTotalBytes,
            long memoryUsedBytes,
            List<Tenant> tenants) {
        public Gpu {
            tenants = List.copyOf(tenants);
            require(!uuid.isEmpty(), "a GPU uuid");
            require(
                    tenants.stream().map(Tenant::tenant).distinct().count() == tenants.size(),
                    "each tenant once a GPU");
        }
    }

    /**
     * One tenant on one GPU; counts are of the interval.
     *
     * @param gpuNs GPU time used
     * @param waitedNs time that launches were held back, summed over threads
     * @param blockedPermille part of the interval in which a launch was held back
     * @param guaranteedPermille its fair part of the GPU, of the decision in force; 0 without one
     * @param quotaVersion of the quota that the decision in force follows from; 0 without one
     */
    public record Tenant(
            String tenant,
            int processes,
            long gpuNs,
            long waitedNs,
            int blockedPermille,
            long memoryUsedBytes,
            long memoryLimitBytes,
            long anomalies,
            int guaranteedPermille,
            long quotaVersion) {
        public Tenant {
            require(!tenant.isEmpty(), "a tenant name");
        }
    }

    private static void require(boolean right, String expected) {
        if (!right) {
            throw new IllegalArgumentException("telemetry: expected " + expected);
        }
    }
}
