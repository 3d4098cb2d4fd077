package io.aliquot.controller.ingest;

import io.aliquot.controller.state.NodeReport;
import io.aliquot.schema.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads telemetry from its end on and keeps the newest report of each node until it is asked. What is overtaken is dropped
 * and counted: counts are of an interval, so a lost one loses that interval only. When it falls far behind it jumps to the end.
 */
public final class TelemetryReader implements AutoCloseable {
    private static final long MOST_LAG = 20_000;

    private final Consumer<String, byte[]> consumer;
    private final PolledReader reader;
    private final MalformedRecords malformed;
    private final Map<String, NodeReport> newest = new ConcurrentHashMap<>();
    private final Map<String, Long> nextOffsets = new ConcurrentHashMap<>();
    private final Counter received;
    private final Counter dropped;

    /** @param onFailure told when the reader's thread ended by an error */
    public TelemetryReader(
            String bootstrapServers,
            MalformedRecords malformed,
            MeterRegistry meters,
            java.util.function.Consumer<Throwable> onFailure) {
        this.consumer = ClientProperties.consumer(bootstrapServers, "telemetry", "latest");
        this.malformed = malformed;
        this.received = meters.counter("aliquot.controller.telemetry.records");
        this.dropped = meters.counter("aliquot.controller.telemetry.dropped");
        this.reader = new PolledReader("aliquot-telemetry", consumer, this::keep, onFailure);
    }

    /**
     * A record of telemetry.
     *
     * @throws IllegalArgumentException when the bytes or a value in them are wrong
     */
    public static NodeReport parse(byte[] record) {
        return FromProto.telemetry(record);
    }

    /** Starts reading at the end of the topic. */
    public void start() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.TELEMETRY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        reader.start();
    }

    /** Takes the newest report of each node that reported since the last call. Any thread. */
    public List<NodeReport> take() {
        List<NodeReport> reports = new ArrayList<>();
        for (String node : List.copyOf(newest.keySet())) {
            NodeReport report = newest.remove(node);
            if (report != null) {
                reports.add(report);
            }
        }
        return reports;
    }

    /** Topic to next offset, as far as it was read; a partition above 0 is written {@code topic/partition}. Any thread. */
    public Map<String, Long> nextOffsets() {
        return Map.copyOf(nextOffsets);
    }

    private void keep(ConsumerRecords<String, byte[]> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            received.increment();
            try {
                NodeReport report = FromProto.telemetry(PolledReader.value(record));
                if (newest.put(report.node(), report) != null) {
                    dropped.increment();
                }
            } catch (IllegalArgumentException e) {
                malformed.skipped(record, e);
            }
        }
        for (TopicPartition partition : records.partitions()) {
            String name =
                    partition.partition() == 0 ? partition.topic() : partition.topic() + "/" + partition.partition();
            nextOffsets.put(name, consumer.position(partition));
            long lag = consumer.currentLag(partition).orElse(0);
            if (lag > MOST_LAG) {
                dropped.increment((double) lag);
                consumer.seekToEnd(List.of(partition));
            }
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
