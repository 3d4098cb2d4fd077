package io.aliquot.schema;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * Which nodes share a partition of a topic whose key is the node. Controller and agent know it from the node's name and the number
 * of partitions alone. It is what Kafka's own producer does with a key, so that programs of all versions agree. Pure; any thread.
 */
public final class NodeBuckets {
    private NodeBuckets() {}

    /**
     * A node's partition.
     *
     * @param partitions of the topic as the broker has it, at least 1
     * @return 0 to partitions - 1
     */
    public static int of(String node, int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions " + partitions + ": at least 1 is needed");
        }
        return Utils.toPositive(Utils.murmur2(node.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
