package io.aliquot.controller.state;

import java.util.List;

/**
 * What a node should do: every tenant on every GPU of it. Immutable.
 *
 * @param gpus in the order that the node reported them
 */
public record NodePlan(String node, List<Gpu> gpus) {
    public NodePlan {
        gpus = List.copyOf(gpus);
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
     * @param targetPermille what the solver expects from present demand; for display
     * @param fallbackPermille what the limiter holds itself to when nobody arbitrates, at least 1
     */
    public record Share(Quota quota, int targetPermille, int fallbackPermille) {}
}
