package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.PolicyTree;
import java.util.Map;
import java.util.Set;

/**
 * The tenants, and what of their policies speaks of GPUs. Immutable.
 *
 * @param gangs paths of tenants whose work on all GPUs is one job
 * @param parts labels that a GPU must have to be meant for a tenant, by path; a tenant that is not there may use any
 * @param speeds factors by label, as {@code key=value}; above 0
 */
public record GpuPolicy(
        PolicyTree tree, Set<String> gangs, Map<String, Map<String, String>> parts, Map<String, Double> speeds) {
    private static final double SLOWEST = 1e-3;
    private static final double FASTEST = 1e3;

    public GpuPolicy {
        gangs = Set.copyOf(gangs);
        parts = Map.copyOf(parts);
        speeds = Map.copyOf(speeds);
    }

    /** A tree whose tenants may use any GPU, all of the same speed. */
    public static GpuPolicy of(PolicyTree tree) {
        return new GpuPolicy(tree, Set.of(), Map.of(), Map.of());
    }

    /** How many GPU-equivalents a GPU with these labels is: the product of its labels' factors, 0.001 to 1000; 1 with none. */
    double speed(Map<String, String> labels) {
        if (speeds.isEmpty()) {
            return 1;
        }
        double factor = labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .sorted()
                .mapToDouble(label -> speeds.getOrDefault(label, 1.0))
                .reduce(1, (a, b) -> a * b);
        return Math.clamp(factor, SLOWEST, FASTEST);
    }

    /** Whether the GPU is meant for the tenant; on others it gets what nobody else wants. */
    boolean isMeantFor(String tenant, Map<String, String> labels) {
        Map<String, String> part = parts.get(tenant);
        return part == null || labels.entrySet().containsAll(part.entrySet());
    }
}
