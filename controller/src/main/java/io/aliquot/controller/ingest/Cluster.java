package io.aliquot.controller.ingest;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kafka cluster as the controller needs it: reachable, with all topics of the table. Any thread. */
public final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final List<String> VITAL = List.of("cleanup.policy", "message.timestamp.type");
    private static final short MOST_REPLICAS = 3;
    private static final int PROBE_MS = 2000;
    private static final int METADATA_PAUSE_MS = 50;
    private static final String START_IT = "start it or set --kafka HOST:PORT";

    private final Admin admin;
    private final String bootstrapServers;
    private final Map<String, String> topicIds = new HashMap<>();

    private Cluster(Admin admin, String bootstrapServers) {
        this.admin = admin;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Connects and creates the topics that are missing.
     *
     * @param timeout for all of it
     * @throws FatalFailure when the broker can't be reached, or a topic is there with another number of partitions
     */
    public static Cluster open(String bootstrapServers, Duration timeout) throws InterruptedException {
        Map<String, Object> properties = ClientProperties.common(bootstrapServers, "admin");
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, PROBE_MS);
        Admin admin;
        try {
            admin = Admin.create(properties);
        } catch (KafkaException e) {
            throw new FatalFailure("broker " + bootstrapServers + " can't be used: " + root(e), START_IT, e);
        }
        Cluster cluster = new Cluster(admin, bootstrapServers);
        try {
            cluster.prepare(timeout);
            return cluster;
        } catch (KafkaException e) {
            cluster.close();
            throw new FatalFailure(
                    "broker " + bootstrapServers + " refused to set up the topics: " + root(e),
                    "let this user create, describe and alter topics",
                    e);
        } catch (RuntimeException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    /** The topic's id: a topic that was deleted and created again has another. */
    public String topicId(String topic) {
        String id = topicIds.get(topic);
        if (id == null) {
            throw new IllegalArgumentException("topic " + topic + ": expected one of " + topicIds.keySet());
        }
        return id;
    }

    /** Asks the broker whether it is there, and waits up to 2 s. */
    public boolean reachable() throws InterruptedException {
        try {
            return !admin.describeCluster()
                    .nodes()
                    .get(PROBE_MS, TimeUnit.MILLISECONDS)
                    .isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private void prepare(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        int brokers = get(admin.describeCluster().nodes(), deadline, timeout).size();
        short replicas = (short) Math.min(MOST_REPLICAS, brokers);
        List<TopicSpec> specs = Topics.all();
        var created = admin.createTopics(specs.stream()
                .map(spec -> new NewTopic(spec.name(), spec.partitions(), replicas).configs(spec.config()))
                .toList());
        for (KafkaFuture<Void> future : created.values().values()) {
            try {
                get(future, deadline, timeout);
            } catch (TopicExistsException e) {
                LOG.debug("{}", e.getMessage());
            }
        }
        for (TopicSpec spec : specs) {
            TopicDescription found = describe(spec.name(), deadline, timeout);
            if (found.partitions().size() != spec.partitions()) {
                throw new FatalFailure(
                        "topic " + spec.name() + " has " + found.partitions().size() + " partitions, expected "
                                + spec.partitions(),
                        "delete it, and the controller creates it again");
            }
            topicIds.put(spec.name(), found.topicId().toString());
        }
        for (TopicSpec spec : specs) {
            correct(spec, deadline, timeout);
        }
    }

    /**
     * A broker that creates topics by itself may have been faster, with its own policies: a quota topic that isn't compacted
     * would lose quotas. Other settings of an existing topic are the operator's. A wrong lease topic is an error: what is in it may
     * have told controllers different things already.
     */
    private void correct(TopicSpec spec, long deadline, Duration timeout) throws InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, spec.name());
        Config found = Objects.requireNonNull(
                get(admin.describeConfigs(List.of(topic)).all(), deadline, timeout)
                        .get(topic),
                spec.name());
        List<AlterConfigOp> wrong = new ArrayList<>();
        for (String key : VITAL) {
            String right = Objects.requireNonNull(spec.config().get(key), key);
            ConfigEntry entry = found.get(key);
            if (entry == null || !right.equals(entry.value())) {
                if (spec.name().equals(Topics.LEASE)) {
                    throw new FatalFailure(
                            "topic " + spec.name() + ": " + key + " is " + (entry == null ? "unknown" : entry.value())
                                    + ", expected " + right,
                            "delete the topic while no controller runs, and start one: it creates the topic again");
                }
                LOG.warn("topic {}: {} is set to {}", spec.name(), key, right);
                wrong.add(new AlterConfigOp(new ConfigEntry(key, right), AlterConfigOp.OpType.SET));
            }
        }
        if (!wrong.isEmpty()) {
            get(admin.incrementalAlterConfigs(Map.of(topic, wrong)).all(), deadline, timeout);
        }
    }

    /** A topic that was just created takes a moment to be known. */
    private TopicDescription describe(String topic, long deadline, Duration timeout) throws InterruptedException {
        while (true) {
            try {
                var found = get(admin.describeTopics(List.of(topic)).allTopicNames(), deadline, timeout);
                return Objects.requireNonNull(found.get(topic), topic);
            } catch (UnknownTopicOrPartitionException e) {
                Thread.sleep(METADATA_PAUSE_MS);
            }
        }
    }

    private <T> T get(KafkaFuture<T> future, long deadline, Duration timeout) throws InterruptedException {
        try {
            return future.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw unreachable(timeout, e);
            }
            if (e.getCause() instanceof KafkaException cause) {
                throw cause;
            }
            throw new FatalFailure("broker " + bootstrapServers + ": " + root(e), START_IT, e);
        } catch (TimeoutException e) {
            throw unreachable(timeout, e);
        }
    }

    private FatalFailure unreachable(Duration timeout, Exception cause) {
        return new FatalFailure(
                "broker " + bootstrapServers + " unreachable after " + timeout.toSeconds() + " s", START_IT, cause);
    }

    private static String root(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public void close() {
        admin.close(Duration.ofMillis(PROBE_MS));
    }
}
