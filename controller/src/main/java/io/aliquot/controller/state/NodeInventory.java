package io.aliquot.controller.state;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node says that it has. Immutable.
 *
 * @param driverVersion empty where it is not known
 * @param agentStartedAtUnixMs the node's wall clock
 * @param labels what the operator says of the node
 */
public record NodeInventory(
        String node,
        String agentVersion,
        String driverVersion,
        long agentStartedAtUnixMs,
        SortedMap<String, String> labels,
        List<Gpu> gpus) {
    /**
     * One GPU.
     *
     * @param name its model
     * @param fault why it can't be read; empty while it can
     */
    public record Gpu(String uuid, String name, long memoryTotalBytes, boolean simulated, String fault) {}

    /** @throws IllegalArgumentException when the name is empty */
    public NodeInventory {
        labels = new TreeMap<>(labels);
        gpus = List.copyOf(gpus);
        if (node.isEmpty() || node.length() > 255) {
            throw new IllegalArgumentException("inventory: expected node name of 1 to 255 characters");
        }
    }
}
