package io.aliquot.controller.ingest;

import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** Follows the quotas in force, as the active controller commits them. One that makes no tree with the others is left out. */
public final class QuotaFollower implements AutoCloseable {
    private static final TopicPartition QUOTAS = new TopicPartition(Topics.TENANT_QUOTA, 0);

    private final org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;
    private final PolledReader reader;
    private final MalformedRecords malformed;
    private final Consumer<List<ClusterEvent>> sink;
    private ClusterState quotas;

    /**
     * @param quotas what was in force before the first record that is read
     * @param sink told of changes, on the follower's thread
     * @param onFailure told when the thread ended by an error
     */
    public QuotaFollower(
            KafkaAccess kafka,
            MalformedRecords malformed,
            ClusterState quotas,
            Consumer<List<ClusterEvent>> sink,
            Consumer<Throwable> onFailure) {
        this.consumer = ClientProperties.consumer(kafka, "quotas", "earliest");
        this.malformed = malformed;
        this.quotas = quotas;
        this.sink = sink;
        this.reader = new PolledReader("aliquot-quotas", consumer, this::accept, onFailure);
    }

    /** @param firstOffset of the first record that is read */
    public void start(long firstOffset) {
        consumer.assign(List.of(QUOTAS));
        consumer.seek(QUOTAS, firstOffset);
        reader.start();
    }

    private void accept(ConsumerRecords<String, byte[]> records) {
        List<ClusterEvent> events = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                ClusterEvent event = event(record);
                quotas = quotas.apply(event);
                events.add(event);
            } catch (IllegalArgumentException e) {
                malformed.skipped(record, e);
            }
        }
        if (!events.isEmpty()) {
            sink.accept(events);
        }
    }

    private static ClusterEvent event(ConsumerRecord<String, byte[]> record) {
        if (record.key() == null) {
            throw new IllegalArgumentException("it has no key");
        }
        return record.value() == null
                ? new ClusterEvent.QuotaRemoved(record.key())
                : new ClusterEvent.QuotaChanged(FromProto.quota(record.key(), record.value()));
    }

    @Override
    public void close() {
        reader.close();
    }
}
