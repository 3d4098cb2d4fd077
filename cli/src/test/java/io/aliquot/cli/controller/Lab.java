package io.aliquot.cli.controller;

import io.aliquot.cli.broker.TestBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.QuotaRequest;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import io.aliquot.schema.v1.TenantShare;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker, and hands to play node, requester and onlooker with. */
final class Lab implements AutoCloseable {
    static final String GPU = "GPU-11111111-2222-3333-4444-555555555555";
    /** What its nodes say that they have in force, of every tenant. */
    static final long VERSION_IN_FORCE = 7;

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Path dir;
    private final HttpClient http = HttpClient.newHttpClient();
    private final KafkaProducer<String, byte[]> producer;
    private TestBroker broker;
    private long sequence;

    /** An answer: its status and its JSON. */
    record Answer(int status, JsonObject json) {}

    Lab(Path dir) throws Exception {
        this.dir = dir;
        this.broker = TestBroker.start(dir);
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap(), "linger.ms", 0),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    String bootstrap() {
        return broker.bootstrapServers();
    }

    void stopBroker() {
        broker.close();
    }

    /** Not of a container, which would come back with another port. */
    void startBrokerAgain() throws Exception {
        broker = TestBroker.embedded(dir, Integer.parseInt(bootstrap().replaceAll(".*:", "")));
    }

    Controller controller() throws Exception {
        return Controller.start(ControllerConfig.local(bootstrap(), 0));
    }

    /** One that says in the lease topic that this is its name. */
    Controller controller(String holder) throws Exception {
        return Controller.start(new ControllerConfig(
                KafkaAccess.open(bootstrap()),
                "127.0.0.1",
                0,
                holder,
                ControllerConfig.DEFAULT_TICK,
                ControllerConfig.DEFAULT_TIME_TO_LIVE));
    }

    long send(String topic, String key, byte[] value) throws Exception {
        return producer.send(new ProducerRecord<>(topic, key, value)).get().offset();
    }

    long send(QuotaRequest request) throws Exception {
        return send(Topics.QUOTA_REQUEST, request.getTenant(), request.toByteArray());
    }

    static QuotaRequest.Builder request(String id, String tenant) {
        return QuotaRequest.newBuilder().setRequestId(id).setTenant(tenant).setRequestedBy("test");
    }

    /** One interval of 100 ms in which the tenant used so much and was held back for the rest. */
    void telemetry(String node, Map<String, Integer> busyPermille) throws Exception {
        GpuSample.Builder gpu =
                GpuSample.newBuilder().setUuid(GPU).setName("Simulated").setSimulated(true);
        busyPermille.forEach((tenant, permille) -> gpu.addTenants(TenantSample.newBuilder()
                .setTenant(tenant)
                .setProcesses(1)
                .setGpuNs(permille * 100_000L)
                .setBlockedPermille(1000 - permille)
                .setMemoryUsedBytes(1 << 20)
                .setQuotaVersion(VERSION_IN_FORCE)));
        Telemetry telemetry = Telemetry.newBuilder()
                .setNode(node)
                .setSequence(++sequence)
                .setIntervalUs(100_000)
                .setSampledAtMonotonicUs(System.nanoTime() / 1000)
                .addGpus(gpu)
                .build();
        send(Topics.TELEMETRY, node, telemetry.toByteArray());
    }

    /** All committed records of a topic up to now; those of a key in their order. */
    List<ConsumerRecord<String, byte[]>> read(String topic) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap(),
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    List<QuotaAudit> audits(String tenant) throws Exception {
        List<QuotaAudit> audits = new ArrayList<>();
        for (var record : read(Topics.QUOTA_AUDIT)) {
            if (tenant.equals(record.key())) {
                audits.add(QuotaAudit.parseFrom(record.value()));
            }
        }
        return audits;
    }

    /** Waits for the node's first decision of which this is true. */
    Decision awaitDecision(String node, Predicate<Decision> wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            for (var record : read(Topics.DECISION)) {
                Decision decision = Decision.parseFrom(record.value());
                if (node.equals(record.key()) && wanted.test(decision)) {
                    return decision;
                }
            }
        }
        throw new AssertionError("no such decision for " + node + " within " + PATIENCE);
    }

    static Optional<TenantShare> share(Decision decision, String tenant) {
        return decision.getGpusList().stream()
                .flatMap(gpu -> gpu.getTenantsList().stream())
                .filter(share -> share.getTenant().equals(tenant))
                .findFirst();
    }

    /** Whether the tenant's part follows from the quota that was answered, or from a later one. */
    static boolean follows(Decision decision, Answer quota) {
        return share(decision, quota.json().getString("tenant"))
                .filter(share -> share.getQuotaVersion() >= quota.json().getLong("version"))
                .isPresent();
    }

    Answer call(Controller controller, String method, String path, String body) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controller.httpPort() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonObject json = response.body().startsWith("{") ? new JsonObject(response.body()) : new JsonObject();
        return new Answer(response.statusCode(), json.put("body", response.body()));
    }

    Answer put(Controller controller, String tenant, String body) throws Exception {
        return call(controller, "PUT", "/v1/tenants/" + tenant, body);
    }

    Answer get(Controller controller, String path) throws Exception {
        return call(controller, "GET", path, "");
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        broker.close();
    }
}
