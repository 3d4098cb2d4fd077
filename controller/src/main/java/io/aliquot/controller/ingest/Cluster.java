package io.aliquot.controller.ingest;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.TopicPlan;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;

/** The Kafka cluster as the controller needs it: reachable, with all topics of the table. Any thread. */
public final class Cluster implements AutoCloseable {
    private final AdminCalls calls;
    private final Map<String, String> topicIds;

    private Cluster(AdminCalls calls, List<TopicPlan> plans) {
        this.calls = calls;
        Map<String, String> ids = new HashMap<>();
        plans.forEach(
                plan -> plan.found().ifPresent(topic -> ids.put(plan.declared().name(), topic.id())));
        this.topicIds = Map.copyOf(ids);
    }

    /**
     * Connects, creates the topics that are missing, and sets what may be set on those that are there.
     *
     * @param timeout for all of it
     * @throws FatalFailure when the broker can't be reached, or a topic is wrong
     */
    public static Cluster open(KafkaAccess kafka, Duration timeout) throws InterruptedException {
        AdminCalls calls = AdminCalls.connect(kafka, timeout);
        try {
            return new Cluster(calls, new TopicSetup(calls).prepare(Replication.DEFAULT));
        } catch (RuntimeException | InterruptedException e) {
            calls.close();
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

    /**
     * Asks the broker whether a topic is still the one that it was at the start.
     *
     * @throws KafkaException when the broker does not answer within 2 s, or refuses
     */
    public boolean isTheSame(String topic) {
        try {
            return calls
                    .admin()
                    .describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(AdminCalls.REQUEST_MS, TimeUnit.MILLISECONDS)
                    .values()
                    .stream()
                    .allMatch(now -> now.topicId().toString().equals(topicId(topic)));
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("topic " + topic + " can't be looked at: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while looking at topic " + topic, e);
        }
    }

    /** Asks the broker whether it is there, and waits up to 2 s. */
    public boolean reachable() throws InterruptedException {
        try {
            return !calls.admin()
                    .describeCluster()
                    .nodes()
                    .get(AdminCalls.REQUEST_MS, TimeUnit.MILLISECONDS)
                    .isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
