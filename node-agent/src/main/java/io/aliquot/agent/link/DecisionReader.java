package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Picks this node's decisions out of a batch; what is malformed is counted, said once a reason, and skipped. */
final class DecisionReader {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionReader.class);

    private final String node;
    private volatile long neighbours;
    private volatile long malformed;
    private String said = "";

    DecisionReader(String node) {
        this.node = node;
    }

    long malformed() {
        return malformed;
    }

    /** @return records of other nodes in the same partition, which were skipped by their keys */
    long neighbours() {
        return neighbours;
    }

    /** One thread. A tombstone says nothing to an agent: what it holds, it holds until something higher comes. */
    List<Decision> decisions(ConsumerRecords<String, byte[]> records) {
        List<Decision> found = new ArrayList<>();
        long others = neighbours;
        for (ConsumerRecord<String, byte[]> record : records) {
            if (!node.equals(record.key())) {
                others++;
                continue;
            }
            if (record.value() == null) {
                continue;
            }
            try {
                found.add(DecisionCodec.decode(record.value()));
            } catch (MalformedException skipped) {
                count(record, String.valueOf(skipped.getMessage()));
            }
        }
        neighbours = others;
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
