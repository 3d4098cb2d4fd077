package io.aliquot.controller.state;

import java.util.Map;

/**
 * The nodes as those see them who look after the cluster; nothing is decided by it. Immutable.
 *
 * @param inventories by node
 * @param deliveries by node
 */
public record Fleet(Map<String, NodeInventory> inventories, Map<String, Delivery> deliveries) {
    public static final Fleet EMPTY = new Fleet(Map.of(), Map.of());

    public Fleet {
        inventories = Map.copyOf(inventories);
        deliveries = Map.copyOf(deliveries);
    }
}
