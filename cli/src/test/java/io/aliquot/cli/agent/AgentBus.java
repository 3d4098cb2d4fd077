package io.aliquot.cli.agent;

import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.GpuDecision;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantShare;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a controller does to an agent, by hand: topics, decisions, and a look at the telemetry. */
final class AgentBus implements AutoCloseable {
    static final int GUARANTEED_PERMILLE = 250;

    private final String bootstrapServers;
    private final KafkaProducer<String, byte[]> producer;

    AgentBus(String bootstrapServers) throws Exception {
        this.bootstrapServers = bootstrapServers;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(Topics.all().stream()
                            .map(t -> new NewTopic(t.name(), t.partitions(), (short) 1).configs(t.config()))
                            .toList())
                    .all()
                    .get();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /**
     * Gives tenant a all of a GPU.
     *
     * @param sequence of the fence, and the version of the quota
     */
    void decide(String node, String gpuUuid, long sequence, int weight) throws Exception {
        decide(node, List.of(gpuUuid), sequence, Map.of("a", weight));
    }

    /** Gives tenants their parts, the same on every GPU. */
    void decide(String node, List<String> gpuUuids, long sequence, Map<String, Integer> weights) throws Exception {
        Decision.Builder decision = Decision.newBuilder()
                .setNode(node)
                .setFence(Fence.newBuilder().setLeaseTopicId("lease").setTerm(3).setSequence(sequence))
                .setTimeToLiveMs(10_000);
        for (String uuid : gpuUuids) {
            GpuDecision.Builder gpu = decision.addGpusBuilder().setGpuUuid(uuid);
            weights.forEach((tenant, weight) -> gpu.addTenants(TenantShare.newBuilder()
                    .setTenant(tenant)
                    .setWeight(weight)
                    .setCeilingPermille(1000)
                    .setTargetPermille(1000 / weights.size())
                    .setFallbackPermille(1000 / weights.size())
                    .setGuaranteedPermille(GUARANTEED_PERMILLE)
                    .setQuotaVersion(sequence)));
        }
        send(node, decision.build().toByteArray());
    }

    void send(String node, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(Topics.DECISION, node, value)).get();
    }

    /** Reads telemetry of the node from the beginning until enough of it is as wanted. @return what is as wanted */
    List<Telemetry> telemetry(String node, int count, Predicate<Telemetry> wanted) throws Exception {
        List<Telemetry> found = new ArrayList<>();
        read(node, record -> {
            if (wanted.test(record)) {
                found.add(record);
            }
            return found.size() >= count;
        });
        return found;
    }

    /** Reads telemetry of the node from the beginning until one is as wanted. @return all until then, in order */
    List<Telemetry> telemetryUntil(String node, Predicate<Telemetry> wanted) throws Exception {
        List<Telemetry> all = new ArrayList<>();
        read(node, record -> {
            all.add(record);
            return wanted.test(record);
        });
        return all;
    }

    private void read(String node, Predicate<Telemetry> enough) throws Exception {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(Topics.TELEMETRY, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long endNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (System.nanoTime() < endNs) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    if (node.equals(record.key()) && enough.test(Telemetry.parseFrom(record.value()))) {
                        return;
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
    }
}
