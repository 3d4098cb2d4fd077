package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class NodeBucketsTest {
    @Test
    void isWhereKafkasOwnProducerPutsTheNodesKey() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            String node = random.ints(random.nextInt(1, 60), 32, 0x2000)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            int partitions = random.nextInt(1, 2000);
            assertThat(NodeBuckets.of(node, partitions))
                    .as(node)
                    .isEqualTo(BuiltInPartitioner.partitionForKey(node.getBytes(StandardCharsets.UTF_8), partitions))
                    .isBetween(0, partitions - 1);
        }
    }

    /** An agent of today must find what a controller of another year wrote. */
    @Test
    void neverChanges() {
        assertThat(NodeBuckets.of("gpu-17", 1)).isZero();
        assertThat(NodeBuckets.of("gpu-17", 64)).isEqualTo(43);
        assertThat(NodeBuckets.of("gpu-17", 1024)).isEqualTo(235);
        assertThat(NodeBuckets.of("node-é.example", 64)).isEqualTo(5);
    }

    /** What docs/adr/0015 says of the fullest bucket. */
    @Test
    void spreadsNodes() {
        assertThat(fullest(500, 64)).isEqualTo(18);
        assertThat(fullest(10_000, 1024)).isEqualTo(21);
    }

    @Test
    void noPartitionsAreAnError() {
        assertThatThrownBy(() -> NodeBuckets.of("a", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("partitions 0: at least 1 is needed");
    }

    private static int fullest(int nodes, int partitions) {
        int[] buckets = new int[partitions];
        for (int i = 0; i < nodes; i++) {
            buckets[NodeBuckets.of("gpu-" + i, partitions)]++;
        }
        return Arrays.stream(buckets).max().orElseThrow();
    }
}
