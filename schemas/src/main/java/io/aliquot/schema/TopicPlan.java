package io.aliquot.schema;

import io.aliquot.schema.TopicDifference.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What has to happen to one topic before Aliquot runs on it: what is declared against what is found. Pure; any thread.
 *
 * @param found empty when there is no such topic: it is created
 * @param differences in the order of the declared settings
 */
public record TopicPlan(TopicSpec declared, Optional<FoundTopic> found, List<TopicDifference> differences) {
    private static final FoundTopic.Setting UNTOLD = new FoundTopic.Setting("not told by the broker", false);

    public TopicPlan {
        differences = List.copyOf(differences);
    }

    /** Compares one topic. */
    public static TopicPlan of(TopicSpec declared, Optional<FoundTopic> found) {
        List<TopicDifference> differences = new ArrayList<>();
        found.ifPresent(topic -> {
            if (topic.partitions() != declared.partitions()) {
                differences.add(new TopicDifference(
                        declared.name(),
                        TopicSetting.PARTITIONS,
                        Integer.toString(topic.partitions()),
                        Integer.toString(declared.partitions()),
                        declared.elastic() ? Step.KEEP : Step.REFUSE));
            }
            declared.config().forEach((setting, right) -> {
                FoundTopic.Setting is = topic.setting(setting).orElse(UNTOLD);
                if (!same(is.value(), right)) {
                    Step step = step(setting, right, is, topic.written());
                    differences.add(new TopicDifference(declared.name(), setting, is.value(), right, step));
                }
            });
        });
        return new TopicPlan(declared, found, differences);
    }

    /** Whether it is to be created. */
    public boolean create() {
        return found.isEmpty();
    }

    /** What is to be set on it, by Kafka's names; nothing for a topic that is refused, or not there. */
    public Map<String, String> alterations() {
        Map<String, String> alterations = new LinkedHashMap<>();
        if (refusals().isEmpty()) {
            with(Step.SET).forEach(difference -> alterations.put(difference.setting(), difference.declared()));
        }
        return alterations;
    }

    /** Why Aliquot does not run on it. */
    public List<TopicDifference> refusals() {
        return with(Step.REFUSE).toList();
    }

    /** Whether Aliquot runs on it as it is. */
    public boolean ready() {
        return !create() && with(Step.KEEP).count() == differences.size();
    }

    private Stream<TopicDifference> with(Step step) {
        return differences.stream().filter(difference -> difference.step() == step);
    }

    /**
     * The rule. A policy or a stamp that is wrong has already lost or misplaced what was written: only in a topic that was never
     * written, and on which nobody chose it, is it set. Retention is the operator's as long as nothing goes earlier than declared.
     * The rest is Aliquot's own.
     */
    private static Step step(String setting, String right, FoundTopic.Setting is, boolean written) {
        boolean chosen = is.onTopic();
        return switch (setting) {
            case TopicSetting.CLEANUP, TopicSetting.TIMESTAMPS -> written || chosen ? Step.REFUSE : Step.SET;
            case TopicSetting.RETENTION, TopicSetting.RETENTION_BYTES -> {
                if (keepsMore(is.value(), right)) {
                    yield written || chosen ? Step.KEEP : Step.SET;
                }
                yield chosen ? Step.REFUSE : Step.SET;
            }
            default -> Step.SET;
        };
    }

    private static boolean same(String one, String other) {
        return one.equals(other) || parts(one).equals(parts(other));
    }

    /** {@code cleanup.policy} is a list without order. */
    private static Set<String> parts(String value) {
        return Set.copyOf(List.of(value.split(" *, *", -1)));
    }

    private static boolean keepsMore(String is, String right) {
        return bound(is) > bound(right);
    }

    private static long bound(String value) {
        if (!value.matches("-?[0-9]{1,19}")) {
            return 0;
        }
        long number = Long.parseLong(value);
        return number < 0 ? Long.MAX_VALUE : number;
    }
}
