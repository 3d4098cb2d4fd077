package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Picks this node's decisions out of a batch; what is malformed is counted, said once a reason, and skipped. */
final class DecisionReader {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionReader.class);

    private final String node;
    private volatile long malformed;
    private String said = "";

    DecisionReader(String node) {
        this.node = node;
    }

    /** @return the partition that Kafka's default partitioner gives to the node's key */
    static int partition(String node, int partitions) {
        return Utils.toPositive(Utils.murmur2(node.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    long malformed() {
        return malformed;
    }

    /** One thread. A tombstone says nothing to an agent: what it holds, it holds until something higher comes. */
    List<Decision> decisions(ConsumerRecords<String, byte[]> records) {
        List<Decision> found = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (!node.equals(record.key()) || record.value() == null) {
                continue;
            }
            try {
                found.add(DecisionCodec.decode(record.value()));
            } catch (MalformedException skipped) {
                count(record, String.valueOf(skipped.getMessage()));
            }
        }
        return found;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void count(ConsumerRecord<String, byte[]> record, String reason) {
        malformed++;
        if (!reason.equals(said)) {
            said = reason;
            LOG.warn(
                    "skipped a malformed decision at {}-{} offset {}: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    reason);
        }
    }
}
