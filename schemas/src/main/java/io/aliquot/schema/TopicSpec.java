package io.aliquot.schema;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One row of the topic table: how a topic is created. Immutable; any thread.
 *
 * @param name the topic's name, with its version as the last part
 * @param partitions at least 1
 * @param cleanup what happens to old records
 * @param timestamps who stamps a record
 * @param retention how long records are kept; empty exactly when the topic is only compacted
 */
public record TopicSpec(
        String name, int partitions, Cleanup cleanup, Timestamps timestamps, Optional<Duration> retention) {
    /** The longest that a record of a compacted topic waits for compaction: an active segment is never compacted. */
    static final Duration COMPACTION_SEGMENT = Duration.ofHours(1);

    /** The longest that a segment of a topic without compaction stays open. */
    static final Duration LONGEST_SEGMENT = Duration.ofDays(7);

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

    /** @throws IllegalArgumentException when partitions are below 1, or retention and cleanup don't fit */
    public TopicSpec {
        Objects.requireNonNull(name, "name");
        if (partitions < 1) {
            throw new IllegalArgumentException(name + ": partitions " + partitions + ": at least 1 is needed");
        }
        if (retention.isPresent() == (cleanup == Cleanup.COMPACT)) {
            throw new IllegalArgumentException(name + ": cleanup " + cleanup.kafkaName()
                    + (retention.isPresent() ? " takes no retention: write -" : " needs a retention, such as 7d"));
        }
        if (retention.filter(d -> d.isZero() || d.isNegative()).isPresent()) {
            throw new IllegalArgumentException(name + ": retention must be above zero");
        }
    }

    /**
     * The topic's Kafka configuration, by Kafka's own names. Retention and compaction work on closed segments only, so a
     * segment is closed after a quarter of the retention, and after an hour at most where records are compacted.
     */
    public Map<String, String> config() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("cleanup.policy", cleanup.kafkaName());
        config.put("message.timestamp.type", timestamps.kafkaName());
        retention.ifPresent(d -> config.put("retention.ms", Long.toString(d.toMillis())));
        config.put("segment.ms", Long.toString(segment().toMillis()));
        if (cleanup != Cleanup.DELETE) {
            config.put("max.compaction.lag.ms", Long.toString(COMPACTION_SEGMENT.toMillis()));
        }
        return Map.copyOf(config);
    }

    private Duration segment() {
        Duration longest = cleanup == Cleanup.DELETE ? LONGEST_SEGMENT : COMPACTION_SEGMENT;
        return retention
                .map(d -> d.dividedBy(4))
                .filter(d -> d.compareTo(longest) < 0)
                .orElse(longest);
    }
}
