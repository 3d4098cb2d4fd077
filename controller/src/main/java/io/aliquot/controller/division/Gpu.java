package io.aliquot.controller.division;

import java.util.List;
import java.util.Map;

/**
 * A GPU that can be given out, and who has work on it. Immutable.
 *
 * @param labels by which a policy can speak of it
 * @param work each tenant once
 */
public record Gpu(String node, String uuid, Map<String, String> labels, List<Work> work) {
    public Gpu {
        labels = Map.copyOf(labels);
        work = List.copyOf(work);
    }

    /**
     * A tenant's work on the GPU; parts of its time.
     *
     * @param demand what the tenant would use if nothing held it back, 0 to 1
     * @param use what it used, 0 to 1
     */
    public record Work(String tenant, double demand, double use) {
        public Work {
            if (!(demand >= 0 && demand <= 1 && use >= 0 && use <= 1)) {
                throw new IllegalArgumentException(
                        "work of tenant '" + tenant + "': demand " + demand + " and use " + use + ": expected 0 to 1");
            }
        }
    }
}
