package io.aliquot.controller.ingest;

import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.SkippedRecords;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
    private final Object lock = new Object();
    private final SortedMap<String, Kept> newest = new TreeMap<>();
    private final SortedMap<String, Long> nextOffsets = new TreeMap<>();
    private final List<SkippedRecords> skipped = new ArrayList<>();
    private final TelemetryMeters meters;

    private record Kept(NodeReport report, long readAtNs) {}

    /** @param onFailure told when the reader's thread ended by an error */
    public TelemetryReader(
            KafkaAccess kafka,
            MalformedRecords malformed,
            MeterRegistry meters,
            java.util.function.Consumer<Throwable> onFailure) {
        this.consumer = ClientProperties.consumer(kafka, "telemetry", "latest");
        this.malformed = malformed;
        this.meters = new TelemetryMeters(meters);
        this.reader = new PolledReader("aliquot-telemetry", consumer, this::keep, onFailure);
        LagGauge.watch(meters, Topics.TELEMETRY, reader);
    }

    /**
     * A record of telemetry.
     *
     * @throws IllegalArgumentException when the bytes or a value in them are wrong
     */
    public static NodeReport parse(byte[] record) {
        return FromProto.telemetry(record);
    }

    /**
     * Starts reading at the end of the topic.
     *
     * @return where that is: topic to the first offset that is read; a partition above 0 is written {@code topic/partition}
     */
    public SortedMap<String, Long> start() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.TELEMETRY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        SortedMap<String, Long> first = new TreeMap<>();
        partitions.forEach(partition -> first.put(name(partition), consumer.position(partition)));
        synchronized (lock) {
            nextOffsets.putAll(first);
        }
        reader.start();
        return first;
    }

    /** Takes the newest report of each node that reported since the last call, and up to where that is. Any thread. */
    public TelemetryBatch take() {
        List<Kept> kept;
        TelemetryBatch batch;
        synchronized (lock) {
            kept = List.copyOf(newest.values());
            batch = new TelemetryBatch(kept.stream().map(Kept::report).toList(), nextOffsets, skipped);
            newest.clear();
            skipped.clear();
        }
        long nowNs = System.nanoTime();
        kept.forEach(one -> meters.taken(nowNs - one.readAtNs));
        return batch;
    }

    private void keep(ConsumerRecords<String, byte[]> records) {
        long nowNs = System.nanoTime();
        List<NodeReport> reports = new ArrayList<>();
        records.partitions().forEach(partition -> reports.addAll(newest(records.records(partition))));
        synchronized (lock) {
            for (NodeReport report : reports) {
                if (newest.put(report.node(), new Kept(report, nowNs)) != null) {
                    meters.dropped(1);
                }
            }
            for (TopicPartition partition : records.partitions()) {
                long first = records.records(partition).getFirst().offset();
                Long expected = nextOffsets.put(name(partition), consumer.position(partition));
                if (expected != null && first > expected) {
                    skipped.add(new SkippedRecords(name(partition), expected, first));
                }
            }
        }
        records.partitions().forEach(this::catchUp);
    }

    /**
     * The newest report of each node, in the order of the log. From the end on: what is overtaken within one poll, which is most of
     * it when the controller is behind, is not parsed at all.
     */
    private List<NodeReport> newest(List<ConsumerRecord<String, byte[]>> records) {
        long nowUnixMs = System.currentTimeMillis();
        Set<String> seen = new HashSet<>();
        List<NodeReport> reports = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records.reversed()) {
            if (seen.contains(record.key())) {
                meters.overtaken();
                continue;
            }
            try {
                NodeReport report = FromProto.telemetry(PolledReader.value(record));
                meters.read(report.sampledAtUnixMs(), record.timestamp(), nowUnixMs);
                reports.add(report);
                if (report.node().equals(record.key())) {
                    seen.add(report.node());
                }
            } catch (IllegalArgumentException e) {
                meters.unreadable();
                malformed.skipped(record, e);
            }
        }
        return reports.reversed();
    }

    private void catchUp(TopicPartition partition) {
        long lag = consumer.currentLag(partition).orElse(0);
        if (lag > MOST_LAG) {
            meters.dropped(lag);
            consumer.seekToEnd(List.of(partition));
        }
    }

    private static String name(TopicPartition partition) {
        return partition.partition() == 0 ? partition.topic() : partition.topic() + "/" + partition.partition();
    }

    @Override
    public void close() {
        reader.close();
    }
}
