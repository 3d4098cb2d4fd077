package io.aliquot.controller.state;

import io.aliquot.schema.ServiceClass;
import java.util.List;
import java.util.Optional;

/**
 * What a node should do: its tenants on every GPU of it. Immutable.
 *
 * @param gpus in the order that the node reported them
 * @param answers the report that it answers; nothing when none had come since the tick before
 */
public record NodePlan(String node, List<Gpu> gpus, Optional<SampleMark> answers) {
    public NodePlan {
        gpus = List.copyOf(gpus);
    }

    /** One that answers no report. */
    public NodePlan(String node, List<Gpu> gpus) {
        this(node, gpus, Optional.empty());
    }

    /** The same as an answer to a report. */
    public NodePlan answering(Optional<SampleMark> report) {
        return report.isEmpty() ? this : new NodePlan(node, gpus, report);
    }

    /**
     * Every tenant's part of one GPU.
     *
     * @param tenants by name
     */
    public record Gpu(String uuid, List<Share> tenants) {
        public Gpu {
            tenants = List.copyOf(tenants);
        }
    }

    /**
     * One tenant's part of one GPU.
     *
     * @param weight its claim while others want the time, 1 to 1000000
     * @param floorPermille what it gets before others get more, 0 to the ceiling; on a GPU at most 1000 in sum
     * @param ceilingPermille not exceeded while others want the time, 1 to 1000
     * @param hardCeiling nor when nobody else wants it
     * @param memoryLimitBytes 0: no limit
     * @param targetPermille what it gets at present demand; for display
     * @param guaranteedPermille its fair part when all want all; for accounts
     * @param fallbackPermille what the limiter holds itself to when nobody arbitrates, at least 1; on a GPU at most 1000 in sum
     * @param quotaVersion of the quota that this follows from
     */
    public record Share(
            String tenant,
            int weight,
            int floorPermille,
            int ceilingPermille,
            boolean hardCeiling,
            ServiceClass serviceClass,
            long memoryLimitBytes,
            int targetPermille,
            int guaranteedPermille,
            int fallbackPermille,
            long quotaVersion) {}
}
