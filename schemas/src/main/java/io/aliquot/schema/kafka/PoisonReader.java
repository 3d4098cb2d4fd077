package io.aliquot.schema.kafka;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.PoisonRecord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads what was kept aside. One thread. */
public final class PoisonReader {
    private static final Duration POLL = Duration.ofMillis(100);

    private PoisonReader() {}

    /**
     * All that is kept now, each record once, oldest first.
     *
     * @param patience for all of it
     * @throws KafkaException when the broker can't be reached or refuses, or there is no such topic
     */
    public static List<PoisonRecord> all(KafkaAccess kafka, Duration patience) {
        Map<String, Object> properties = kafka.client();
        properties.put("client.id", "aliquot-poison-reader");
        properties.put("allow.auto.create.topics", false);
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "earliest");
        properties.put("default.api.timeout.ms", (int) patience.toMillis());
        long deadlineNs = System.nanoTime() + patience.toNanos();
        var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.POISON).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new KafkaException(
                        "there is no topic " + Topics.POISON + ": start a controller, which creates it");
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<String, PoisonRecord> found = new LinkedHashMap<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() - deadlineNs >= 0) {
                    throw new TimeoutException("not read to its end after " + patience.toSeconds() + " s");
                }
                consumer.poll(POLL).forEach(record -> add(record, found));
            }
            return List.copyOf(found.values());
        } finally {
            consumer.close(CloseOptions.timeout(POLL));
        }
    }

    private static void add(ConsumerRecord<String, byte[]> record, Map<String, PoisonRecord> found) {
        if (record.key() == null || record.value() == null) {
            return; // somebody else's: nothing was kept
        }
        try {
            found.put(record.key(), PoisonRecord.parseFrom(record.value()));
        } catch (InvalidProtocolBufferException e) {
            found.put(record.key(), Poison.of(record, String.valueOf(e.getMessage()), "aliquot poison", 0));
        }
    }
}
