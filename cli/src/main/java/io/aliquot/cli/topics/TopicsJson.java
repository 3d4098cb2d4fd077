package io.aliquot.cli.topics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.schema.FoundTopic;
import io.aliquot.schema.TopicDifference;
import io.aliquot.schema.TopicPlan;
import io.aliquot.schema.TopicSpec;
import java.util.List;
import java.util.Locale;

/** Topics as JSON; settings by Kafka's names and in Kafka's units. Pure. */
final class TopicsJson {
    private TopicsJson() {}

    static String declared(List<TopicSpec> topics) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode all = answer.putArray("topics");
        topics.forEach(topic -> all.add(declared(topic)));
        return answer.toString();
    }

    static String compared(List<TopicPlan> plans, String kafka) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("ready", plans.stream().allMatch(TopicPlan::ready));
        ArrayNode all = answer.putArray("topics");
        for (TopicPlan plan : plans) {
            ObjectNode topic = declared(plan.declared());
            topic.put("state", TopicsText.state(plan).words);
            plan.found().ifPresent(found -> topic.set("found", found(found, plan.declared())));
            ArrayNode differences = topic.putArray("differences");
            plan.differences().forEach(difference -> differences.add(difference(difference, kafka)));
            all.add(topic);
        }
        return answer.toString();
    }

    private static ObjectNode declared(TopicSpec topic) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("topic", topic.name());
        node.put("key", topic.key());
        topic.messages().forEach(node.putArray("messages")::add);
        node.put("holds", topic.holds());
        node.put("partitions", topic.partitions());
        topic.config().forEach(node.putObject("settings")::put);
        return node;
    }

    private static ObjectNode found(FoundTopic found, TopicSpec declared) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("partitions", found.partitions());
        node.put("replicas", found.replicas());
        ObjectNode settings = node.putObject("settings");
        declared.config()
                .keySet()
                .forEach(name -> found.setting(name).ifPresent(setting -> settings.put(name, setting.value())));
        found.setting("min.insync.replicas").ifPresent(setting -> settings.put("min.insync.replicas", setting.value()));
        return node;
    }

    private static ObjectNode difference(TopicDifference difference, String kafka) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("setting", difference.setting());
        node.put("found", difference.found());
        node.put("declared", difference.declared());
        node.put("step", difference.step().name().toLowerCase(Locale.ROOT));
        node.put("command", difference.command(kafka));
        return node;
    }
}
