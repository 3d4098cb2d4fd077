package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.controller.account.Books;
import io.aliquot.controller.account.By;
import io.aliquot.controller.account.Report;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Compares the ledger in Kafka with what the pure core makes of the telemetry there. No agent may be writing. */
public final class LedgerTruth {
    private static final Report.Query ALL = new Report.Query(0, Long.MAX_VALUE, By.TENANT);

    private LedgerTruth() {}

    /**
     * Waits until all telemetry is in the ledger, and compares.
     *
     * @return nanoseconds of GPU time that were observed
     */
    public static BigInteger assertExact(KafkaAccess kafka) {
        Books books = new Books();
        try (Consumer<String, byte[]> consumer = LedgerClients.of(kafka).consumer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.TELEMETRY).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<Integer, Long> next = ends.entrySet().stream()
                    .collect(Collectors.toMap(e -> e.getKey().partition(), Map.Entry::getValue));
            await("all telemetry is in the ledger")
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> {
                        LedgerPlace place = committed(kafka).place();
                        assertThat(place).isNotNull();
                        assertThat(place.nextOffsets()).containsAllEntriesOf(next);
                    });
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> books.enter(TelemetryReader.parse(record.value()), record.timestamp()));
            }
        }
        books.settle(UsageLedger.KEPT_HOURS);
        Report expected = Report.of(books.settled(), ALL);
        assertThat(Report.of(new TreeMap<>(committed(kafka).entries()), ALL)).isEqualTo(expected);
        assertThat(expected.wallNs()).isPositive();
        return expected.wallNs();
    }

    private static LedgerHistory committed(KafkaAccess kafka) {
        try (Consumer<String, byte[]> consumer = LedgerClients.of(kafka).consumer()) {
            return LedgerHistory.read(consumer, new LedgerMeters(new SimpleMeterRegistry(), (record, why) -> {}));
        }
    }
}
