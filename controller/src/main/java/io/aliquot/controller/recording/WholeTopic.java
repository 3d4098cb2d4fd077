package io.aliquot.controller.recording;

import io.aliquot.controller.ingest.ClientProperties;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads all partitions of a topic up to where they end at the call. Records of one partition come in their order. */
final class WholeTopic {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FETCH_WAIT_MS = 10;

    private WholeTopic() {}

    /**
     * Gives every record, without holding them all.
     *
     * @param sinceUnixMs older records are left out; 0: none is
     * @throws FatalFailure when the broker gives nothing for half a minute
     */
    static void each(
            KafkaAccess kafka,
            String topic,
            long sinceUnixMs,
            java.util.function.Consumer<ConsumerRecord<String, byte[]>> sink) {
        try (Consumer<String, byte[]> consumer =
                ClientProperties.consumer(kafka, "replay", "earliest", FETCH_WAIT_MS)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            Map<TopicPartition, Long> left = new HashMap<>(consumer.endOffsets(partitions));
            consumer.assign(partitions);
            seek(consumer, partitions, sinceUnixMs);
            Map<TopicPartition, Long> ends = Map.copyOf(left);
            long lastProgress = System.nanoTime();
            left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            while (!left.isEmpty()) {
                var records = consumer.poll(POLL);
                for (ConsumerRecord<String, byte[]> record : records) {
                    if (record.offset() < ends.getOrDefault(new TopicPartition(topic, record.partition()), 0L)) {
                        sink.accept(record);
                    }
                }
                boolean ended = left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
                if (ended || !records.isEmpty()) {
                    lastProgress = System.nanoTime();
                } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                    throw new FatalFailure(
                            "topic " + topic + " gave nothing for " + PATIENCE.toSeconds() + " s before its end at "
                                    + left,
                            "check that the broker is up and that this user may read the topic");
                }
            }
        }
    }

    private static void seek(Consumer<String, byte[]> consumer, List<TopicPartition> partitions, long sinceUnixMs) {
        if (sinceUnixMs <= 0) {
            consumer.seekToBeginning(partitions);
            return;
        }
        var times = partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> sinceUnixMs));
        consumer.offsetsForTimes(times).forEach((partition, found) -> {
            if (found == null) {
                consumer.seekToEnd(List.of(partition));
            } else {
                consumer.seek(partition, found.offset());
            }
        });
    }
}
