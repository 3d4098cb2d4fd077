package io.aliquot.cli.topics;

import io.aliquot.cli.base.Output;
import io.aliquot.cli.text.Table;
import io.aliquot.schema.TopicDifference;
import io.aliquot.schema.TopicPlan;
import io.aliquot.schema.TopicSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Topics as lines to print. Pure. */
final class TopicsText {
    private TopicsText() {}

    /** What there should be. */
    static List<String> declared(List<TopicSpec> topics, Output output) {
        if (output == Output.JSON) {
            return List.of(TopicsJson.declared(topics));
        }
        Table table = new Table(
                "TOPIC", "KEY", "PARTITIONS", "CLEANUP", "TIMESTAMPS", "RETENTION", "SEGMENT", "LAG", "TOMBSTONES");
        for (TopicSpec topic : topics) {
            table.row(
                    topic.name(),
                    topic.key(),
                    Integer.toString(topic.partitions()),
                    topic.cleanup().kafkaName(),
                    topic.timestamps().kafkaName(),
                    length(topic.retention()),
                    length(Optional.of(topic.segment())),
                    length(topic.compactionLag()),
                    length(topic.tombstones()));
        }
        Stream<String> purposes = topics.stream().map(topic -> topic.name() + " holds " + topic.holds() + ".");
        return Stream.of(table.lines().stream(), Stream.of(""), purposes)
                .flatMap(lines -> lines)
                .toList();
    }

    /** What there is beside what there should be. */
    static List<String> compared(List<TopicPlan> plans, String kafka, Output output) {
        if (output == Output.JSON) {
            return List.of(TopicsJson.compared(plans, kafka));
        }
        Table table = new Table("TOPIC", "REPLICAS", "IN SYNC AT LEAST", "STATE");
        List<String> notes = new ArrayList<>();
        for (TopicPlan plan : plans) {
            table.row(
                    plan.declared().name(),
                    plan.found()
                            .map(found -> Integer.toString(found.replicas()))
                            .orElse("-"),
                    plan.found()
                            .flatMap(found -> found.setting("min.insync.replicas"))
                            .map(setting -> setting.value())
                            .orElse("-"),
                    state(plan).words);
            plan.differences().forEach(difference -> notes.add(note(difference, kafka)));
        }
        if (!notes.isEmpty()) {
            notes.addFirst("");
        }
        return Stream.concat(table.lines().stream(), notes.stream()).toList();
    }

    /** How a topic stands, in a word. */
    enum State {
        MISSING("missing"),
        WRONG("wrong"),
        DIFFERS("differs"),
        READY("as declared");

        final String words;

        State(String words) {
            this.words = words;
        }
    }

    static State state(TopicPlan plan) {
        if (plan.create()) {
            return State.MISSING;
        }
        if (!plan.refusals().isEmpty()) {
            return State.WRONG;
        }
        return plan.ready() ? State.READY : State.DIFFERS;
    }

    private static String note(TopicDifference difference, String kafka) {
        String then = switch (difference.step()) {
            case SET -> "the controller sets it";
            case KEEP -> "it stays: " + difference.whyKept();
            case REFUSE -> "Aliquot does not run on it; " + difference.fix(kafka);
        };
        return difference.problem() + ": " + then;
    }

    private static String length(Optional<Duration> length) {
        return length.map(TopicsText::length).orElse("-");
    }

    /** In the largest unit in which it is whole. */
    private static String length(Duration length) {
        if (length.toMillis() % 1000 != 0) {
            return length.toMillis() + "ms";
        }
        long seconds = length.toSeconds();
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
