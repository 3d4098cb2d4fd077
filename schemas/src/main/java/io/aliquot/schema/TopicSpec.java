package io.aliquot.schema;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One row of the topic table: how a topic has to be. Immutable; any thread.
 *
 * @param name the topic's name, with its version as the last part
 * @param key what a record's key names
 * @param messages the names of the messages that its records are
 * @param partitions with how many it is created, at least 1
 * @param elastic whether any other number of partitions is right, too: the operator's to choose
 * @param cleanup what happens to old records
 * @param timestamps who stamps a record
 * @param retention how long records are kept; empty exactly when the topic is only compacted
 * @param segment how long a segment is written, at most the retention: only closed ones are deleted or compacted
 * @param compactionLag the longest that a record waits for compaction; there exactly when the topic is compacted
 * @param tombstones how long a removal stays readable; there exactly when the topic is compacted
 * @param holds what it is for
 */
public record TopicSpec(
        String name,
        String key,
        List<String> messages,
        int partitions,
        boolean elastic,
        Cleanup cleanup,
        Timestamps timestamps,
        Optional<Duration> retention,
        Duration segment,
        Optional<Duration> compactionLag,
        Optional<Duration> tombstones,
        String holds) {
    /** Kafka's {@code cleanup.policy}. */
    public enum Cleanup {
        DELETE("delete"),
        COMPACT("compact"),
        COMPACT_AND_DELETE("compact,delete");

        private final String kafkaName;

        Cleanup(String kafkaName) {
            this.kafkaName = kafkaName;
        }

        /** The value as Kafka and the table write it. */
        public String kafkaName() {
            return kafkaName;
        }
    }

    /** Kafka's {@code message.timestamp.type}. */
    public enum Timestamps {
        CREATE_TIME("CreateTime"),
        LOG_APPEND_TIME("LogAppendTime");

        private final String kafkaName;

        Timestamps(String kafkaName) {
            this.kafkaName = kafkaName;
        }

        /** The value as Kafka and the table write it. */
        public String kafkaName() {
            return kafkaName;
        }
    }

    /** @throws IllegalArgumentException when partitions are below 1, or lengths of time and cleanup don't fit */
    public TopicSpec {
        Objects.requireNonNull(name, "name");
        messages = List.copyOf(messages);
        if (partitions < 1) {
            throw new IllegalArgumentException(name + ": partitions " + partitions + ": at least 1 is needed");
        }
        boolean deletes = cleanup != Cleanup.COMPACT;
        boolean compacts = cleanup != Cleanup.DELETE;
        requireExactly(name, cleanup, "retention", retention, deletes);
        requireExactly(name, cleanup, "compaction lag", compactionLag, compacts);
        requireExactly(name, cleanup, "tombstones", tombstones, compacts);
        requirePositive(name, "segment", segment);
        if (retention.isPresent() && segment.compareTo(retention.get()) > 0) {
            throw new IllegalArgumentException(name + ": segment is longer than the retention");
        }
    }

    private static void requireExactly(
            String name, Cleanup cleanup, String column, Optional<Duration> length, boolean wanted) {
        if (length.isPresent() != wanted) {
            throw new IllegalArgumentException(name + ": cleanup " + cleanup.kafkaName()
                    + (wanted ? " needs a " + column + ", such as 7d" : " takes no " + column + ": write -"));
        }
        length.ifPresent(some -> requirePositive(name, column, some));
    }

    private static void requirePositive(String name, String column, Duration length) {
        if (length.toMillis() <= 0) {
            throw new IllegalArgumentException(name + ": " + column + " must be above zero");
        }
    }

    /** The topic's Kafka configuration, by Kafka's own names, in a fixed order; unmodifiable. */
    public Map<String, String> config() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put(TopicSetting.CLEANUP, cleanup.kafkaName());
        config.put(TopicSetting.TIMESTAMPS, timestamps.kafkaName());
        retention.ifPresent(length -> {
            config.put(TopicSetting.RETENTION, millis(length));
            config.put(TopicSetting.RETENTION_BYTES, TopicSetting.UNLIMITED);
        });
        config.put(TopicSetting.SEGMENT, millis(segment));
        compactionLag.ifPresent(length -> config.put(TopicSetting.COMPACTION_LAG, millis(length)));
        tombstones.ifPresent(length -> config.put(TopicSetting.TOMBSTONES, millis(length)));
        return Collections.unmodifiableMap(config);
    }

    private static String millis(Duration length) {
        return Long.toString(length.toMillis());
    }
}
