package io.aliquot.cli.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.agent.link.DecisionLink;
import io.aliquot.agent.model.Decision;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.schema.NodeBuckets;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller and the links of agents at a topic with another number of partitions than is usual, and then with more. */
class BucketsIT {
    private static final int FEW = 3;
    private static final int MORE = 7;

    /** The first and the last share a bucket of three, and none of seven with any. */
    private static final List<String> NODES = List.of("a", "b", "f", "c");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path dir;

    private final Map<String, Decision> newest = new ConcurrentHashMap<>();

    @Test
    void eachAgentReadsItsBucketAloneAndFollowsItToAnotherPartition() throws Exception {
        try (Lab lab = new Lab(dir);
                Admin admin = Admin.create(Map.of("bootstrap.servers", lab.bootstrap()))) {
            NewTopic chosen = new NewTopic(Topics.DECISION, FEW, (short) 1)
                    .configs(Map.of("cleanup.policy", "compact,delete", "retention.ms", "86400000"));
            admin.createTopics(List.of(chosen)).all().get();
            KafkaAccess access = new KafkaAccess(lab.bootstrap(), Map.of("metadata.max.age.ms", "200"));
            List<DecisionLink> links = new ArrayList<>();
            try (Controller controller = Controller.start(new ControllerConfig(
                    access,
                    "127.0.0.1",
                    0,
                    "buckets-it",
                    ControllerConfig.DEFAULT_TICK,
                    ControllerConfig.DEFAULT_TIME_TO_LIVE))) {
                lab.put(controller, "t", "{\"weight\":2}");
                for (String node : NODES) {
                    links.add(DecisionLink.start(access, node, all -> newest.put(node, all.getLast())));
                }
                awaitDecisionsAbove(lab, 0);
                everyRecordIsInItsBucket(lab, FEW);
                assertThat(links).extracting(DecisionLink::malformed).containsOnly(0L);

                String neighbour = NODES.get(3);
                assertThat(NodeBuckets.of(neighbour, FEW)).isEqualTo(NodeBuckets.of(NODES.getFirst(), FEW));
                lab.send(Topics.DECISION, neighbour, "no decision".getBytes());
                await().atMost(PATIENCE).until(() -> links.get(3).malformed() == 1);
                await().atMost(PATIENCE).until(() -> links.getFirst().neighbours() > 0);
                assertThat(links.getFirst().malformed()).isZero(); // not even looked at
                assertThat(links.get(alone(FEW)).neighbours()).isZero();

                admin.createPartitions(Map.of(Topics.DECISION, NewPartitions.increaseTo(MORE)))
                        .all()
                        .get();
                await().atMost(PATIENCE).until(() -> {
                    tell(lab);
                    Set<String> moved = lab.read(Topics.DECISION).stream()
                            .filter(record -> record.partition() == NodeBuckets.of(record.key(), MORE))
                            .map(ConsumerRecord::key)
                            .collect(Collectors.toSet());
                    return moved.containsAll(NODES);
                });
                awaitDecisionsAbove(lab, highest());
            } finally {
                links.forEach(DecisionLink::close);
            }
        }
    }

    private void awaitDecisionsAbove(Lab lab, long sequence) {
        await().atMost(PATIENCE).until(() -> {
            tell(lab);
            return NODES.stream()
                    .allMatch(node ->
                            newest.containsKey(node) && newest.get(node).fence().sequence() > sequence);
        });
        NODES.forEach(node -> assertThat(newest.get(node).node()).isEqualTo(node));
    }

    private static void tell(Lab lab) throws Exception {
        for (String node : NODES) {
            lab.telemetry(node, Map.of("t", 500));
        }
    }

    private long highest() {
        return newest.values().stream()
                .mapToLong(decision -> decision.fence().sequence())
                .max()
                .orElseThrow();
    }

    private static void everyRecordIsInItsBucket(Lab lab, int partitions) {
        assertThat(lab.read(Topics.DECISION))
                .isNotEmpty()
                .allMatch(record -> record.partition() == NodeBuckets.of(record.key(), partitions));
    }

    /** The one of the nodes that shares its bucket with no other. */
    private static int alone(int partitions) {
        for (int i = 0; i < NODES.size(); i++) {
            int bucket = NodeBuckets.of(NODES.get(i), partitions);
            if (NODES.stream()
                            .filter(node -> NodeBuckets.of(node, partitions) == bucket)
                            .count()
                    == 1) {
                return i;
            }
        }
        throw new AssertionError("choose other nodes: none is alone in a bucket of " + partitions);
    }
}
