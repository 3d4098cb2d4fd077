package io.aliquot.schema;

import java.util.Map;
import java.util.Optional;

/**
 * A topic as a broker has it. Immutable; any thread.
 *
 * @param id changes when the topic is deleted and created again
 * @param replicas of its first partition
 * @param written whether it ever held a record
 * @param settings by Kafka's names
 */
public record FoundTopic(String id, int partitions, int replicas, boolean written, Map<String, Setting> settings) {
    /**
     * A setting in force.
     *
     * @param onTopic whether somebody set it on this very topic; otherwise it is the broker's default
     */
    public record Setting(String value, boolean onTopic) {}

    public FoundTopic {
        settings = Map.copyOf(settings);
    }

    /** @return nothing for a setting that the broker doesn't tell */
    public Optional<Setting> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }
}
