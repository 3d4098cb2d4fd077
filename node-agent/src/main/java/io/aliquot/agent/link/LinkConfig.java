package io.aliquot.agent.link;

import io.aliquot.schema.kafka.KafkaAccess;
import java.util.Map;

/** The settings of the agent's Kafka clients; Kafka's names. */
final class LinkConfig {
    /** How soon an agent hears that the decisions have more partitions. */
    static final int METADATA_MS = 60_000;

    private LinkConfig() {}

    /**
     * Telemetry is worth nothing when it is old: one acknowledgement, no idempotence, and a record that was not
     * delivered in 2.5 s is given up. Kafka wants delivery timeout ≥ linger + request timeout.
     */
    static Map<String, Object> producer(KafkaAccess kafka, String node) {
        return on(
                kafka,
                Map.ofEntries(
                        Map.entry("client.id", "aliquot-agent-telemetry-" + node),
                        Map.entry("acks", "1"),
                        Map.entry("enable.idempotence", false),
                        Map.entry("compression.type", "lz4"),
                        Map.entry("linger.ms", 5),
                        Map.entry("request.timeout.ms", 2000),
                        Map.entry("delivery.timeout.ms", 2500),
                        Map.entry("max.block.ms", 1000),
                        Map.entry("max.in.flight.requests.per.connection", 1),
                        Map.entry("buffer.memory", 4L << 20),
                        Map.entry("reconnect.backoff.ms", 100),
                        Map.entry("reconnect.backoff.max.ms", 1000),
                        Map.entry("metric.reporters", ""),
                        Map.entry("enable.metrics.push", false)));
    }

    /** As above, but what is told is kept by all replicas: an inventory is told once an hour. */
    static Map<String, Object> tellingProducer(KafkaAccess kafka, String node) {
        Map<String, Object> client = producer(kafka, node);
        client.put("client.id", "aliquot-agent-acks-" + node);
        client.put("acks", "all");
        client.put("buffer.memory", 1L << 20);
        return client;
    }

    /** No group and no commits: the decisions are few and always read from the beginning. */
    static Map<String, Object> consumer(KafkaAccess kafka, String node) {
        Map<String, Object> client = on(
                kafka,
                Map.ofEntries(
                        Map.entry("client.id", "aliquot-agent-decisions-" + node),
                        Map.entry("enable.auto.commit", false),
                        Map.entry("auto.offset.reset", "earliest"),
                        Map.entry("allow.auto.create.topics", false),
                        Map.entry("isolation.level", "read_uncommitted"),
                        Map.entry("default.api.timeout.ms", 2500),
                        Map.entry("request.timeout.ms", 2000),
                        Map.entry("reconnect.backoff.ms", 100),
                        Map.entry("reconnect.backoff.max.ms", 1000),
                        Map.entry("metric.reporters", ""),
                        Map.entry("enable.metrics.push", false)));
        client.putIfAbsent("metadata.max.age.ms", METADATA_MS); // the operator may have chosen one
        return client;
    }

    private static Map<String, Object> on(KafkaAccess kafka, Map<String, Object> settings) {
        Map<String, Object> client = kafka.client();
        client.putAll(settings);
        return client;
    }
}
