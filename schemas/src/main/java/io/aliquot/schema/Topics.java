package io.aliquot.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Aliquot's topics: the names, and the table in this module's README from which they are created. Any thread. */
public final class Topics {
    /** What a node saw in one tick; key: node. */
    public static final String TELEMETRY = "aliquot.telemetry.v1";

    /** Wishes to change a tenant's quota; key: tenant. */
    public static final String QUOTA_REQUEST = "aliquot.quota-request.v1";

    /** Quotas in force; key: tenant; a tombstone is a removed tenant. */
    public static final String TENANT_QUOTA = "aliquot.tenant-quota.v1";

    /** The answer to each request; key: tenant. */
    public static final String QUOTA_AUDIT = "aliquot.quota-audit.v1";

    /** What the controller decided for a node; key: node. */
    public static final String DECISION = "aliquot.decision.v1";

    /** What each node has; key: node. */
    public static final String INVENTORY = "aliquot.inventory.v1";

    /** Which decision each node put in force; key: node. */
    public static final String ACK = "aliquot.ack.v1";

    /** Which controller is the active one; key: {@link #LEASE_KEY}; a claim's offset is its term. */
    public static final String LEASE = "aliquot.lease.v1";

    /** The only key of the lease topic. */
    public static final String LEASE_KEY = "cluster";

    /** Who used how much of which GPU; keys: an entry's, a node's, and the position in telemetry. */
    public static final String LEDGER = "aliquot.ledger.v1";

    /** What the controller was told, call by call; key: {@link #TICK_KEY}. */
    public static final String TICK = "aliquot.tick.v1";

    /** The only key of the tick topic. */
    public static final String TICK_KEY = "cluster";

    /** Records that nobody could read, kept aside; key: topic/partition/offset. */
    public static final String POISON = "aliquot.poison.v1";

    private static final String RESOURCE = "/aliquot/topics.md";

    private Topics() {}

    /**
     * Reads the packaged table.
     *
     * @return every topic, in the table's order
     * @throws TopicTableException when the table is missing or wrong, or lacks a topic named above
     */
    public static List<TopicSpec> all() {
        return complete(TopicTable.parse(table()));
    }

    static List<TopicSpec> complete(Map<String, TopicSpec> topics) {
        for (String name : List.of(
                TELEMETRY,
                QUOTA_REQUEST,
                TENANT_QUOTA,
                QUOTA_AUDIT,
                DECISION,
                INVENTORY,
                ACK,
                TICK,
                LEASE,
                LEDGER,
                POISON)) {
            if (!topics.containsKey(name)) {
                throw new TopicTableException("topic table: no row for " + name);
            }
        }
        return List.copyOf(topics.values());
    }

    private static String table() {
        try (InputStream in = Topics.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new TopicTableException("resource " + RESOURCE + " is missing: build the schemas module again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        }
    }
}
