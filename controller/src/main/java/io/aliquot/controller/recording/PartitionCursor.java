package io.aliquot.controller.recording;

import io.aliquot.controller.ingest.ClientProperties;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads a partition range by range; ranges that follow each other are read in one go. One thread. */
final class PartitionCursor implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FETCH_WAIT_MS = 10;

    private final TopicPartition partition;
    private final Consumer<String, byte[]> consumer;
    private final Deque<ConsumerRecord<String, byte[]>> ahead = new ArrayDeque<>();
    private long position = -1;

    PartitionCursor(KafkaAccess kafka, TopicPartition partition) {
        this.partition = partition;
        this.consumer = ClientProperties.consumer(kafka, "replay", "earliest", FETCH_WAIT_MS);
        consumer.assign(List.of(partition));
    }

    /** The first offset that is still there. */
    long begin() {
        return consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
    }

    /**
     * The records of a range that are still there.
     *
     * @throws FatalFailure when the broker gives nothing for half a minute
     */
    List<ConsumerRecord<String, byte[]>> range(long from, long to) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        if (from >= to) {
            return records;
        }
        if (position != from) {
            ahead.clear();
            consumer.seek(partition, from);
        }
        long lastProgress = System.nanoTime();
        while (true) {
            while (!ahead.isEmpty() && ahead.getFirst().offset() < to) {
                records.add(ahead.removeFirst());
            }
            if (!ahead.isEmpty() || consumer.position(partition) >= to) {
                position = to;
                return records;
            }
            long before = consumer.position(partition);
            consumer.poll(POLL).forEach(ahead::add);
            if (consumer.position(partition) > before) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new FatalFailure(
                        "topic " + partition.topic() + " gave nothing for " + PATIENCE.toSeconds() + " s at offset "
                                + before + " of " + to,
                        "check that the broker is up and that this user may read the topic");
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
