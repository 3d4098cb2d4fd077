package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.Ports;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.controller.account.Books;
import io.aliquot.controller.account.By;
import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.ingest.Cluster;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker with telemetry of two nodes, and the pure core to compare a ledger with. */
final class LedgerLab implements AutoCloseable {
    private static final TopicPartition TELEMETRY = new TopicPartition(Topics.TELEMETRY, 0);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Report.Query ALL = new Report.Query(0, Long.MAX_VALUE, By.TENANT);

    private final Path dir;
    private final KafkaProducer<String, byte[]> producer;
    private final String telemetryTopicId;
    private EmbeddedBroker broker;
    private long sampledAtUnixMs = System.currentTimeMillis() - 40_000;
    private long sequence;

    LedgerLab(Path dir) throws Exception {
        this.dir = dir;
        this.broker = EmbeddedBroker.start(dir, Ports.free());
        try (Cluster cluster = Cluster.open(KafkaAccess.open(bootstrap()), Duration.ofSeconds(30))) {
            this.telemetryTopicId = cluster.topicId(Topics.TELEMETRY);
        }
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap(), "linger.ms", 0),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    String bootstrap() {
        return broker.bootstrapServers();
    }

    String telemetryTopicId() {
        return telemetryTopicId;
    }

    void restartBroker() throws Exception {
        broker.close();
        broker = EmbeddedBroker.start(dir, Integer.parseInt(bootstrap().replaceAll(".*:", "")));
    }

    UsageLedger ledger(LedgerClients clients) {
        return new UsageLedger(clients, telemetryTopicId, TelemetryReader::parse, meters(), Duration.ofMillis(20));
    }

    static LedgerMeters meters() {
        return new LedgerMeters(new SimpleMeterRegistry(), (record, why) -> {});
    }

    UsageLedger ledger() {
        return ledger(LedgerClients.of(KafkaAccess.open(bootstrap())));
    }

    /** Intervals of 20 ms; now and then one is lost, comes twice, is no telemetry or comes from an agent that restarted. */
    void telemetry(int records) throws Exception {
        Future<?> last = null;
        for (int i = 0; i < records; i++) {
            sampledAtUnixMs += 20;
            sequence = sequence == 97 ? 1 : sequence + 1;
            if (sequence % 13 == 0) {
                continue;
            }
            for (String node : List.of("n1", "n2")) {
                byte[] record = record(node);
                last = producer.send(new ProducerRecord<>(Topics.TELEMETRY, node, record));
                if (sequence % 11 == 0) {
                    last = producer.send(new ProducerRecord<>(Topics.TELEMETRY, node, record));
                }
            }
            if (sequence % 17 == 0) {
                last = producer.send(new ProducerRecord<>(Topics.TELEMETRY, "n1", new byte[] {1, 2, 3}));
            }
        }
        if (last != null) {
            last.get();
        }
    }

    private byte[] record(String node) {
        long usedNs = sequence * 100_003 % 20_000_000;
        return Telemetry.newBuilder()
                .setNode(node)
                .setSequence(sequence)
                .setSampledAtUnixMs(sampledAtUnixMs)
                .setIntervalUs(20_000)
                .addGpus(GpuSample.newBuilder()
                        .setUuid("GPU-1")
                        .setSimulated(true)
                        .addTenants(tenant("a", usedNs, 300))
                        .addTenants(tenant("org/team/x", 20_000_000 - usedNs, 500)))
                .build()
                .toByteArray();
    }

    private static TenantSample tenant(String name, long usedNs, int guaranteedPermille) {
        return TenantSample.newBuilder()
                .setTenant(name)
                .setGpuNs(usedNs)
                .setBlockedPermille(100)
                .setMemoryUsedBytes(usedNs)
                .setGuaranteedPermille(guaranteedPermille)
                .build();
    }

    /** What the pure core makes of all telemetry that is in the topic. */
    Report expected() {
        Books books = new Books();
        try (Consumer<String, byte[]> consumer =
                LedgerClients.of(KafkaAccess.open(bootstrap())).consumer()) {
            consumer.assign(List.of(TELEMETRY));
            consumer.seekToBeginning(List.of(TELEMETRY));
            long end = end();
            while (consumer.position(TELEMETRY) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    if (record.value().length > 3) {
                        books.enter(TelemetryReader.parse(record.value()), record.timestamp());
                    }
                });
            }
        }
        books.settle(UsageLedger.KEPT_HOURS);
        return Report.of(books.settled(), ALL);
    }

    long end() {
        try (Consumer<String, byte[]> consumer =
                LedgerClients.of(KafkaAccess.open(bootstrap())).consumer()) {
            return consumer.endOffsets(List.of(TELEMETRY)).get(TELEMETRY);
        }
    }

    /** What is committed in the ledger topic, read as a new ledger would. */
    LedgerHistory committed() {
        try (Consumer<String, byte[]> consumer =
                LedgerClients.of(KafkaAccess.open(bootstrap())).consumer()) {
            return LedgerHistory.read(consumer, meters());
        }
    }

    /** Waits until all telemetry is in the ledger, and compares it with the pure core. */
    Statement assertExact(UsageLedger ledger) {
        long end = end();
        await().atMost(PATIENCE).until(() -> {
            LedgerPlace place = committed().place();
            return place != null && Long.valueOf(end).equals(place.nextOffsets().get(0));
        });
        Report expected = expected();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ledger.report(ALL).map(Statement::report)).isEqualTo(Optional.of(expected)));
        LedgerHistory history = committed();
        assertThat(Report.of(new java.util.TreeMap<>(history.entries()), ALL)).isEqualTo(expected);
        assertThat(expected.wallNs()).isPositive();
        return ledger.report(ALL).orElseThrow();
    }

    void deleteTelemetryUpTo(long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.deleteRecords(Map.of(TELEMETRY, RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        broker.close();
    }
}
