package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import io.aliquot.schema.kafka.PoisonShelf;
import io.aliquot.schema.kafka.Throttle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Picks this node's decisions out of a batch; what is malformed is skipped, counted, kept aside, and named once a minute. */
final class DecisionReader {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionReader.class);

    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final String node;
    private final PoisonShelf shelf;
    private final Throttle lines = new Throttle(PAUSE);
    private volatile long neighbours;
    private volatile long malformed;

    /** @param shelf where records that can't be read are kept */
    DecisionReader(String node, PoisonShelf shelf) {
        this.node = node;
        this.shelf = shelf;
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
        shelf.keep(record, reason);
        OptionalLong heldBack = lines.take(record.topic(), System.nanoTime());
        if (heldBack.isPresent()) {
            LOG.warn(
                    "skipped a malformed decision at {}-{} offset {}: {} ({} more since the last such line; `aliquot poison`"
                            + " shows them)",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    reason,
                    heldBack.getAsLong());
        }
    }
}
