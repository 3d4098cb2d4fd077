package io.aliquot.controller.ingest;

import io.aliquot.schema.FoundTopic;
import io.aliquot.schema.FoundTopic.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a broker what topics it has, how they are set, and whether they were ever written. */
final class TopicLook {
    private static final Logger LOG = LoggerFactory.getLogger(TopicLook.class);

    private TopicLook() {}

    /** @return those that are there, by name */
    static Map<String, FoundTopic> at(AdminCalls calls, List<String> names) throws InterruptedException {
        Map<String, TopicDescription> descriptions = descriptions(calls, names);
        Map<String, Map<String, Setting>> settings = settings(calls, descriptions.keySet());
        descriptions.keySet().retainAll(settings.keySet());
        Map<String, Long> ends = ends(calls, descriptions);
        Map<String, FoundTopic> found = new HashMap<>();
        descriptions.forEach((name, description) -> found.put(
                name,
                new FoundTopic(
                        description.topicId().toString(),
                        description.partitions().size(),
                        description.partitions().getFirst().replicas().size(),
                        ends.getOrDefault(name, 0L) > 0,
                        settings.getOrDefault(name, Map.of()))));
        return found;
    }

    private static Map<String, TopicDescription> descriptions(AdminCalls calls, List<String> names)
            throws InterruptedException {
        Map<String, TopicDescription> descriptions = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> one :
                calls.admin().describeTopics(names).topicNameValues().entrySet()) {
            try {
                descriptions.put(one.getKey(), calls.get(one.getValue()));
            } catch (UnknownTopicOrPartitionException e) {
                LOG.debug("topic {} is missing", one.getKey());
            }
        }
        return descriptions;
    }

    /** By topic, the sum of the offsets at which its partitions end: above 0 when there ever was a record. */
    private static Map<String, Long> ends(AdminCalls calls, Map<String, TopicDescription> descriptions)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        descriptions.forEach((name, description) -> description
                .partitions()
                .forEach(partition -> asked.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest())));
        Map<String, Long> ends = new HashMap<>();
        calls.get(calls.admin().listOffsets(asked).all())
                .forEach((partition, end) -> ends.merge(partition.topic(), end.offset(), Long::sum));
        return ends;
    }

    /** Another broker may not know yet of a topic that was just created: then it isn't there. */
    private static Map<String, Map<String, Setting>> settings(AdminCalls calls, Set<String> names)
            throws InterruptedException {
        List<ConfigResource> asked = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Map<String, Setting>> settings = new HashMap<>();
        for (Map.Entry<ConfigResource, KafkaFuture<Config>> one :
                calls.admin().describeConfigs(asked).values().entrySet()) {
            try {
                settings.put(one.getKey().name(), settings(calls.get(one.getValue())));
            } catch (UnknownTopicOrPartitionException e) {
                LOG.debug("{} is missing", one.getKey());
            }
        }
        return settings;
    }

    private static Map<String, Setting> settings(Config config) {
        Map<String, Setting> settings = new HashMap<>();
        for (ConfigEntry entry : config.entries()) {
            if (entry.value() != null) {
                boolean onTopic = entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
                settings.put(entry.name(), new Setting(entry.value(), onTopic));
            }
        }
        return settings;
    }
}
