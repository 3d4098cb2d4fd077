package io.aliquot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.agent.link.AckLink;
import io.aliquot.agent.link.TelemetryLink;
import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.cli.broker.AnyBroker;
import io.aliquot.cli.broker.TestBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.controller.app.ControllerException;
import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics on a real broker: what is missing, differs or is wrong, and what `aliquot topics` and the controller do then. */
@AnyBroker
class TopicsIT {
    @TempDir
    static Path dir;

    private static TestBroker broker;
    private static Admin admin;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(dir);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ZERO);
        broker.close();
    }

    @BeforeEach
    void removeAll() throws Exception {
        admin.deleteTopics(names()).all().get();
        await().until(() -> names().isEmpty());
    }

    @Test
    void createsWhatIsMissingAsDeclared() throws Exception {
        assertThat(topics()).isEqualTo(1);
        assertThat(out.toString().lines().filter(line -> line.endsWith("   missing")))
                .hasSize(Topics.all().size());
        assertThat(names()).isEmpty();

        assertThat(topics("--create", "--replicas", "1", "--min-in-sync", "1")).isZero();
        for (TopicSpec spec : Topics.all()) {
            spec.config()
                    .forEach((setting, value) -> assertThat(
                                    entry(spec.name(), setting).value())
                            .as(spec.name() + " " + setting)
                            .isEqualTo(value));
            assertThat(entry(spec.name(), "min.insync.replicas").source())
                    .isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        }
        assertThat(topics()).isZero();
        assertThat(topics("--output", "json")).isZero();
        JsonNode answer = new ObjectMapper().readTree(out.toString());
        assertThat(answer.path("ready").asBoolean()).isTrue();
        assertThat(answer.path("topics")).hasSize(Topics.all().size());
        assertThat(answer.path("topics").get(0).path("found").path("replicas").asInt())
                .isEqualTo(1);
    }

    @Test
    void moreReplicasThanBrokersAreNamed() throws Exception {
        assertThat(topics("--create", "--replicas", "3")).isEqualTo(4);
        assertThat(err.toString())
                .isEqualTo("aliquot: replicas 3, at least 2 in sync: the cluster has 1 broker; give at most as many"
                        + " replicas as brokers, and no more in sync than replicas\n");
        assertThat(names()).isEmpty();
    }

    @Test
    void setsWhatIsItsOwnAndKeepsALongerRetention() throws Exception {
        assertThat(topics("--create")).isZero();
        set(Topics.TENANT_QUOTA, "segment.ms", "604800000");
        set(Topics.LEDGER, "max.compaction.lag.ms", "86400000");
        set(Topics.QUOTA_AUDIT, "retention.ms", "-1");
        awaitStored(Topics.QUOTA_AUDIT, "retention.ms", "-1");
        assertThat(topics()).isEqualTo(1);
        assertThat(out.toString())
                .contains(
                        "topic aliquot.tenant-quota.v1: segment.ms is 604800000, expected 3600000: the controller sets it")
                .contains("topic aliquot.quota-audit.v1: retention.ms is -1, expected 31536000000: it stays");

        try (Controller controller = controller()) {
            assertThat(controller.httpPort()).isPositive();
        }
        assertThat(entry(Topics.TENANT_QUOTA, "segment.ms").value()).isEqualTo("3600000");
        assertThat(entry(Topics.LEDGER, "max.compaction.lag.ms").value()).isEqualTo("3600000");
        assertThat(entry(Topics.QUOTA_AUDIT, "retention.ms").value()).isEqualTo("-1");
        assertThat(topics()).isZero();
    }

    @Test
    void refusesAWrongTopicChangesNothingAndRunsOnceTheCommandWasGiven() throws Exception {
        create(Topics.TENANT_QUOTA, 1, Map.of("cleanup.policy", "delete", "segment.ms", "7200000"));
        assertThatThrownBy(TopicsIT::controller)
                .isInstanceOf(ControllerException.class)
                .hasMessage("topic aliquot.tenant-quota.v1: cleanup.policy is delete, expected compact")
                .extracting(e -> ((ControllerException) e).fix())
                .isEqualTo("set it with `kafka-configs.sh --bootstrap-server " + broker.bootstrapServers()
                        + " --alter --entity-type topics --entity-name aliquot.tenant-quota.v1 --add-config"
                        + " cleanup.policy=compact`, and start again (docs/kafka.md)");
        assertThat(names()).containsExactly(Topics.TENANT_QUOTA);
        assertThat(entry(Topics.TENANT_QUOTA, "segment.ms").value()).isEqualTo("7200000");

        set(Topics.TENANT_QUOTA, "cleanup.policy", "compact");
        awaitStored(Topics.TENANT_QUOTA, "cleanup.policy", "compact");
        try (Controller controller = controller()) {
            assertThat(controller.httpPort()).isPositive();
        }
        assertThat(topics()).isZero();
    }

    @Test
    void refusesOtherPartitionsAShorterRetentionAndStampsOfAnotherKind() throws Exception {
        create(Topics.TICK, 3, Map.of());
        create(Topics.TELEMETRY, 1, Map.of("retention.ms", "60000", "message.timestamp.type", "LogAppendTime"));
        create(Topics.LEASE, 1, Map.of());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.LEASE, new byte[1])).get();
        }
        assertThat(topics()).isEqualTo(1);
        assertThat(out.toString())
                .contains("topic aliquot.tick.v1: partitions is 3, expected 1: Aliquot does not run on it; stop")
                .contains("--delete --topic aliquot.tick.v1`")
                .contains(
                        "topic aliquot.telemetry.v1: retention.ms is 60000, expected 600000: Aliquot does not run on it")
                .contains(
                        "aliquot.lease.v1: message.timestamp.type is CreateTime, expected LogAppendTime: Aliquot does not");
        assertThat(topics("--create")).isEqualTo(4);
        assertThat(err.toString()).contains("shows 2 more like it").hasLineCount(1);
        assertThat(names()).hasSize(3);
    }

    @Test
    void anAgentSendsNothingBeforeTheControllerMadeTheTopic() throws Exception {
        KafkaAccess kafka = KafkaAccess.open(broker.bootstrapServers());
        try (TelemetryLink link = TelemetryLink.start(kafka, "n1");
                AckLink acks = AckLink.start(kafka, "n1")) {
            for (int i = 1; i <= 20; i++) {
                link.offer(new NodeUsage("n1", i, 0, 0, 1, List.of(), NodeLabels.NONE, Optional.empty()));
                acks.offer(new Applied(new FenceStamp("lease", 1, i), Optional.empty(), 0, 0, 1));
                Thread.sleep(50);
            }
            assertThat(link.sent()).isZero();
            assertThat(link.failed()).isZero();
            assertThat(acks.sent() + acks.failed()).isZero();
            assertThat(names()).isEmpty();
            assertThat(topics("--create")).isZero();
            await().atMost(Duration.ofSeconds(15)).until(() -> link.sent() == 1 && acks.sent() == 1);
            assertThat(acks.dropped()).isEqualTo(19);
        }
    }

    private int topics(String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] args = new String[3 + more.length];
        args[0] = "topics";
        args[1] = "--kafka";
        args[2] = broker.bootstrapServers();
        System.arraycopy(more, 0, args, 3, more.length);
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private static Controller controller() throws Exception {
        return Controller.start(ControllerConfig.local(broker.bootstrapServers(), 0));
    }

    private static List<String> names() throws Exception {
        return admin.listTopics().names().get().stream().sorted().toList();
    }

    private static void create(String topic, int partitions, Map<String, String> config) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
                .all()
                .get();
    }

    private static void set(String topic, String setting, String value) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        resource(topic),
                        List.of(new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static void awaitStored(String topic, String setting, String value) {
        await().until(() -> entry(topic, setting).value().equals(value));
    }

    private static ConfigEntry entry(String topic, String setting) {
        try {
            return admin.describeConfigs(List.of(resource(topic)))
                    .all()
                    .get()
                    .get(resource(topic))
                    .get(setting);
        } catch (Exception e) {
            throw new AssertionError(topic + " " + setting, e);
        }
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }
}
