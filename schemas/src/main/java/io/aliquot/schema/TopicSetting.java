package io.aliquot.schema;

/** Kafka's names of the settings that the topic table declares. */
final class TopicSetting {
    static final String CLEANUP = "cleanup.policy";
    static final String TIMESTAMPS = "message.timestamp.type";
    static final String RETENTION = "retention.ms";
    static final String RETENTION_BYTES = "retention.bytes";
    static final String SEGMENT = "segment.ms";
    static final String COMPACTION_LAG = "max.compaction.lag.ms";
    static final String TOMBSTONES = "delete.retention.ms";

    /** Not one of a topic's configuration: it can't be set. */
    static final String PARTITIONS = "partitions";

    /** Kafka's value for no bound. */
    static final String UNLIMITED = "-1";

    private TopicSetting() {}
}
