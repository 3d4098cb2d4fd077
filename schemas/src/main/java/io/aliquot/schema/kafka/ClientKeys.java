package io.aliquot.schema.kafka;

import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Kafka's client properties, and which of them an operator may give. Pure. */
final class ClientKeys {
    private static final Set<String> CONNECTION = Set.of(
            "client.dns.lookup",
            "connections.max.idle.ms",
            "metadata.max.age.ms",
            "receive.buffer.bytes",
            "send.buffer.bytes",
            "socket.connection.setup.timeout.ms",
            "socket.connection.setup.timeout.max.ms");

    /** What any client of Kafka knows. */
    static final Set<String> KNOWN = Stream.of(
                    ProducerConfig.configNames(), ConsumerConfig.configNames(), AdminClientConfig.configNames())
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /** What every client of Kafka knows and Aliquot leaves to the operator. The rest is part of its design. */
    static final Set<String> ALLOWED = AdminClientConfig.configNames().stream()
            .filter(key -> ProducerConfig.configNames().contains(key))
            .filter(key -> ConsumerConfig.configNames().contains(key))
            .filter(key -> CONNECTION.contains(key) || isSecurity(key))
            .collect(Collectors.toUnmodifiableSet());

    private static final int TOO_FAR = 6;

    private ClientKeys() {}

    private static boolean isSecurity(String key) {
        return key.startsWith("security.") || key.startsWith("sasl.") || key.startsWith("ssl.");
    }

    /** Whether Kafka itself hides the value when it logs its settings. */
    static boolean isSecret(String key) {
        ConfigDef.ConfigKey found = ProducerConfig.configDef().configKeys().get(key);
        return found != null && found.type == ConfigDef.Type.PASSWORD;
    }

    /** What is right, for a key that Kafka does not know. */
    static String hint(String unknown) {
        return ALLOWED.stream()
                .min(Comparator.<String>comparingInt(key -> distance(unknown, key))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(nearest -> distance(unknown, nearest) <= TOO_FAR)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("give Kafka's client properties, such as security.protocol, sasl.* and ssl.*");
    }

    /** Insertions, deletions and replacements from one to the other. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
