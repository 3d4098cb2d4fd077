package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.schema.FoundTopic.Setting;
import io.aliquot.schema.TopicDifference.Step;
import io.aliquot.schema.TopicSpec.Cleanup;
import io.aliquot.schema.TopicSpec.Timestamps;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicPlanTest {
    /** retention.ms 600000, retention.bytes -1, segment.ms 90000, max.compaction.lag.ms 60000, delete.retention.ms 3600000. */
    private static final TopicSpec SPEC = new TopicSpec(
            "a.v1",
            "k",
            List.of("M"),
            2,
            false,
            Cleanup.COMPACT_AND_DELETE,
            Timestamps.LOG_APPEND_TIME,
            Optional.of(Duration.ofMinutes(10)),
            Duration.ofSeconds(90),
            Optional.of(Duration.ofMinutes(1)),
            Optional.of(Duration.ofHours(1)),
            "things");

    @Test
    void createsATopicThatIsMissing() {
        TopicPlan plan = TopicPlan.of(SPEC, Optional.empty());
        assertThat(plan.create()).isTrue();
        assertThat(plan.ready()).isFalse();
        assertThat(plan.differences()).isEmpty();
    }

    @Test
    void leavesATopicThatIsAsDeclaredWhoeverSetIt() {
        for (boolean onTopic : new boolean[] {true, false}) {
            for (boolean written : new boolean[] {true, false}) {
                TopicPlan plan = plan(written, "cleanup.policy", "delete, compact", onTopic);
                assertThat(plan.differences()).isEmpty();
                assertThat(plan.ready()).isTrue();
                assertThat(plan.alterations()).isEmpty();
            }
        }
    }

    /** written: whether the topic ever held a record; on topic: whether somebody set it there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cleanup.policy         | delete              | true  | true  | REFUSE",
                "cleanup.policy         | delete              | true  | false | REFUSE",
                "cleanup.policy         | delete              | false | true  | REFUSE",
                "cleanup.policy         | delete              | false | false | SET",
                "message.timestamp.type | CreateTime          | true  | false | REFUSE",
                "message.timestamp.type | CreateTime          | false | true  | REFUSE",
                "message.timestamp.type | CreateTime          | false | false | SET",
                "retention.ms           | 599999              | true  | true  | REFUSE",
                "retention.ms           | 599999              | false | true  | REFUSE",
                "retention.ms           | 599999              | true  | false | SET",
                "retention.ms           | 599999              | false | false | SET",
                "retention.ms           | 600001              | true  | true  | KEEP",
                "retention.ms           | 600001              | false | true  | KEEP",
                "retention.ms           | 600001              | true  | false | KEEP",
                "retention.ms           | 600001              | false | false | SET",
                "retention.ms           | -1                  | true  | true  | KEEP",
                "retention.ms           | 9223372036854775807 | true  | true  | KEEP",
                "retention.bytes        | 1000                | true  | true  | REFUSE",
                "retention.bytes        | 1000                | true  | false | SET",
                "segment.ms             | 1                   | true  | true  | SET",
                "segment.ms             | 604800000           | true  | false | SET",
                "max.compaction.lag.ms  | 9223372036854775807 | true  | true  | SET",
                "delete.retention.ms    | 1                   | true  | true  | SET",
            })
    void aSettingThatDiffers(String setting, String value, boolean written, boolean onTopic, Step step) {
        TopicPlan plan = plan(written, setting, value, onTopic);
        String declared = SPEC.config().get(setting);
        assertThat(plan.differences()).containsExactly(new TopicDifference("a.v1", setting, value, declared, step));
        assertThat(plan.ready()).isEqualTo(step == Step.KEEP);
        assertThat(plan.refusals()).hasSize(step == Step.REFUSE ? 1 : 0);
        assertThat(plan.alterations()).isEqualTo(step == Step.SET ? Map.of(setting, declared) : Map.of());
    }

    @Test
    void moreOrFewerPartitionsAreRefusedAlsoWhenNothingWasWritten() {
        for (int partitions : new int[] {1, 3}) {
            FoundTopic found = new FoundTopic("id", partitions, 1, false, asDeclared());
            assertThat(TopicPlan.of(SPEC, Optional.of(found)).differences())
                    .containsExactly(
                            new TopicDifference("a.v1", "partitions", Integer.toString(partitions), "2", Step.REFUSE));
        }
    }

    @Test
    void anotherNumberOfPartitionsStaysWhereItIsTheOperatorsToChoose() {
        TopicSpec elastic = TopicTable.parse(
                        TopicsTest.HEADER + "| a.v1 | k | M | ~64 | delete | CreateTime | 1d | 1h | - | - | w | h |")
                .get("a.v1");
        assertThat(elastic.partitions()).isEqualTo(64);
        Map<String, Setting> settings = new HashMap<>();
        elastic.config().forEach((name, value) -> settings.put(name, new Setting(value, true)));
        for (int partitions : new int[] {1, 1024}) {
            TopicPlan plan = TopicPlan.of(elastic, Optional.of(new FoundTopic("id", partitions, 1, true, settings)));
            assertThat(plan.ready()).isTrue();
            assertThat(plan.differences())
                    .containsExactly(
                            new TopicDifference("a.v1", "partitions", Integer.toString(partitions), "64", Step.KEEP));
            assertThat(plan.differences().getFirst().command("h:1"))
                    .contains(partitions < 64 ? "--alter --topic a.v1 --partitions 64" : "--delete --topic a.v1");
        }
    }

    @Test
    void nothingIsSetOnATopicThatIsRefused() {
        Map<String, Setting> settings = new HashMap<>(asDeclared());
        settings.put("segment.ms", new Setting("1", true));
        settings.put("cleanup.policy", new Setting("delete", true));
        TopicPlan plan = TopicPlan.of(SPEC, Optional.of(new FoundTopic("id", 2, 1, true, settings)));
        assertThat(plan.differences()).hasSize(2);
        assertThat(plan.alterations()).isEmpty();
    }

    @Test
    void aSettingThatTheBrokerDoesNotTellIsSet() {
        Map<String, Setting> settings = new HashMap<>(asDeclared());
        settings.remove("retention.ms");
        TopicPlan plan = TopicPlan.of(SPEC, Optional.of(new FoundTopic("id", 2, 1, true, settings)));
        assertThat(plan.alterations()).isEqualTo(Map.of("retention.ms", "600000"));
    }

    @Test
    void aRefusalNamesTopicSettingBothValuesAndTheCommand() {
        TopicDifference policy =
                plan(true, "cleanup.policy", "delete", true).refusals().getFirst();
        assertThat(policy.problem()).isEqualTo("topic a.v1: cleanup.policy is delete, expected compact,delete");
        assertThat(policy.fix("h:1,i:2"))
                .isEqualTo("set it with `kafka-configs.sh --bootstrap-server h:1,i:2 --alter --entity-type topics"
                        + " --entity-name a.v1 --add-config cleanup.policy=[compact,delete]`, and start again"
                        + " (docs/kafka.md)");
        FoundTopic one = new FoundTopic("id", 1, 1, true, asDeclared());
        TopicDifference partitions =
                TopicPlan.of(SPEC, Optional.of(one)).refusals().getFirst();
        assertThat(partitions.problem()).isEqualTo("topic a.v1: partitions is 1, expected 2");
        assertThat(partitions.fix("h:1"))
                .isEqualTo("stop Aliquot, and delete it with `kafka-topics.sh --bootstrap-server h:1 --delete --topic"
                        + " a.v1`: it is created again, without its records (docs/kafka.md)");
    }

    private static TopicPlan plan(boolean written, String setting, String value, boolean onTopic) {
        Map<String, Setting> settings = new HashMap<>(asDeclared());
        settings.put(setting, new Setting(value, onTopic));
        return TopicPlan.of(SPEC, Optional.of(new FoundTopic("id", 2, 1, written, settings)));
    }

    private static Map<String, Setting> asDeclared() {
        Map<String, Setting> settings = new HashMap<>();
        SPEC.config().forEach((name, value) -> settings.put(name, new Setting(value, true)));
        return settings;
    }
}
