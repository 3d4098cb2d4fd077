package io.aliquot.cli.broker;

import java.util.List;
import java.util.Map;

/**
 * Who may come to an embedded broker, and how.
 *
 * @param protocol of its listener for clients: Kafka's {@code PLAINTEXT}, {@code SSL}, {@code SASL_PLAINTEXT} or {@code SASL_SSL}
 * @param properties the broker's own, on top of those that it needs; the values may be secrets
 * @param scramUsers made when the folder is formatted, as {@code SCRAM-SHA-512=[name=NAME,password=PASSWORD]}
 */
public record BrokerAccess(String protocol, Map<String, String> properties, List<String> scramUsers) {
    /** Everybody on this machine, without a login. */
    public static final BrokerAccess OPEN = new BrokerAccess("PLAINTEXT", Map.of(), List.of());

    public BrokerAccess {
        properties = Map.copyOf(properties);
        scramUsers = List.copyOf(scramUsers);
    }

    /** Nothing of the values. */
    @Override
    public String toString() {
        return protocol;
    }
}
