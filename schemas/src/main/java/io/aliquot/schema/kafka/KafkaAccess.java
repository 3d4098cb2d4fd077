package io.aliquot.schema.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Where Kafka is and how to log in. Every client is made of {@link #client()}. Immutable; any thread.
 *
 * @param bootstrapServers {@code HOST:PORT} of one or more brokers, separated by commas
 * @param properties about connection and security alone, by Kafka's names; the values may be secrets
 */
public record KafkaAccess(String bootstrapServers, Map<String, String> properties) {
    private static final String ADDRESS = "(\\[[0-9a-fA-F:.]+]|[^\\s:,]+):[0-9]{1,5}";

    /** @throws IllegalArgumentException for a key that no file may have: {@link KafkaConfigFile} says why */
    public KafkaAccess {
        properties = Map.copyOf(properties);
        for (String key : properties.keySet()) {
            if (!ClientKeys.ALLOWED.contains(key)) {
                throw new IllegalArgumentException("client property '" + key + "': expected one about the connection");
            }
        }
    }

    /** Brokers that want neither TLS nor a login. */
    public static KafkaAccess open(String bootstrapServers) {
        return new KafkaAccess(bootstrapServers, Map.of());
    }

    /** Whether a text is {@code HOST:PORT}, or several of them separated by commas. */
    public static boolean isAddress(String text) {
        return text.matches(ADDRESS + "(," + ADDRESS + ")*");
    }

    /** What every client has, as a new map; the client puts its own settings on top. */
    public Map<String, Object> client() {
        Map<String, Object> client = new HashMap<>(properties);
        client.put("bootstrap.servers", bootstrapServers);
        return client;
    }

    /** The addresses and the keys, without the values. */
    @Override
    public String toString() {
        return bootstrapServers + (properties.isEmpty() ? "" : " with " + new TreeSet<>(properties.keySet()));
    }
}
