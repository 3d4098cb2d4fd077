package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.schema.TopicSpec.Cleanup;
import io.aliquot.schema.TopicSpec.Timestamps;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {
    static final String HEADER = """
            # A page
            | other | table |
            |---|---|
            | topics | here |

            | topic | key | message | partitions | cleanup | timestamps | retention | segment | compaction lag | tombstones | writer | holds |
            |---|---|---|---|---|---|---|---|---|---|---|---|
            """;
    private static final String GOOD =
            "| a.b.v1 | k | M | 3 | delete | LogAppendTime | 10m | 90s | - | - | someone | things |\n";

    @Test
    void readsThePackagedTable() {
        assertThat(Topics.all())
                .extracting(TopicSpec::name)
                .containsExactly(
                        Topics.TELEMETRY,
                        Topics.QUOTA_REQUEST,
                        Topics.TENANT_QUOTA,
                        Topics.QUOTA_AUDIT,
                        Topics.DECISION,
                        Topics.INVENTORY,
                        Topics.ACK,
                        Topics.TICK,
                        Topics.LEASE,
                        Topics.LEDGER,
                        Topics.POISON);
    }

    @Test
    void quotasAreCompactedForEverAndTheLeaseIsStampedByTheBroker() {
        assertThat(named(Topics.TENANT_QUOTA).config())
                .containsEntry("cleanup.policy", "compact")
                .doesNotContainKey("retention.ms")
                .containsEntry("max.compaction.lag.ms", "3600000")
                .containsEntry("delete.retention.ms", "86400000");
        assertThat(named(Topics.LEASE).config())
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("message.timestamp.type", "LogAppendTime");
        assertThat(named(Topics.DECISION).config()).containsEntry("cleanup.policy", "compact,delete");
        assertThat(Topics.all().stream().filter(TopicSpec::elastic))
                .extracting(TopicSpec::name)
                .containsExactly(Topics.DECISION);
        assertThat(named(Topics.TELEMETRY).config())
                .containsEntry("retention.ms", "600000")
                .containsEntry("retention.bytes", "-1")
                .containsEntry("segment.ms", "150000")
                .containsEntry("message.timestamp.type", "LogAppendTime");
        assertThat(named(Topics.LEDGER).config())
                .containsEntry("cleanup.policy", "compact,delete")
                .containsEntry("retention.ms", "3024000000");
    }

    @Test
    void readsEveryColumn() {
        TopicSpec topic = TopicTable.parse(HEADER + GOOD).get("a.b.v1");
        assertThat(topic)
                .isEqualTo(new TopicSpec(
                        "a.b.v1",
                        "k",
                        List.of("M"),
                        3,
                        false,
                        Cleanup.DELETE,
                        Timestamps.LOG_APPEND_TIME,
                        Optional.of(Duration.ofMinutes(10)),
                        Duration.ofSeconds(90),
                        Optional.empty(),
                        Optional.empty(),
                        "things"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "| a.b | k | M | 1 | delete | CreateTime | 1d | 1h | - | - | w | h |;line 8: topic 'a.b'",
                "| A.v1 | k | M | 1 | delete | CreateTime | 1d | 1h | - | - | w | h |;topic 'A.v1'",
                "| a.v1 | k | M | 0 | delete | CreateTime | 1d | 1h | - | - | w | h |;partitions '0'",
                "| a.v1 | k | M | ~0 | delete | CreateTime | 1d | 1h | - | - | w | h |;partitions '0'",
                "| a.v1 | k | M | many | delete | CreateTime | 1d | 1h | - | - | w | h |;partitions 'many'",
                "| a.v1 | k | M | 1 | shred | CreateTime | 1d | 1h | - | - | w | h |;cleanup 'shred'",
                "| a.v1 | k | M | 1 | delete | Sometime | 1d | 1h | - | - | w | h |;timestamps 'Sometime'",
                "| a.v1 | k | M | 1 | delete | CreateTime | soon | 1h | - | - | w | h |;retention 'soon'",
                "| a.v1 | k | M | 1 | delete | CreateTime | - | 1h | - | - | w | h |;needs a retention",
                "| a.v1 | k | M | 1 | compact | CreateTime | 1d | 1h | 1h | 1d | w | h |;takes no retention",
                "| a.v1 | k | M | 1 | delete | CreateTime | 1d | - | - | - | w | h |;segment '-'",
                "| a.v1 | k | M | 1 | delete | CreateTime | 1d | 2d | - | - | w | h |;segment is longer than the retention",
                "| a.v1 | k | M | 1 | delete | CreateTime | 1d | 1h | 1h | - | w | h |;takes no compaction lag",
                "| a.v1 | k | M | 1 | compact | CreateTime | - | 1h | 1h | - | w | h |;needs a tombstones",
                "| a.v1 | k | M | 1 | delete | CreateTime | 1d | 1h | - | - | w |;11 cells, expected 12",
                "| a.b.v1 | k | M | 1 | delete | CreateTime | 1d | 1h | - | - | w | h |;is there twice",
            })
    void refusesARowThatItCantRead(String row, String reason) {
        String table = HEADER + (reason.contains("twice") ? GOOD : "") + row + "\n";
        assertThatThrownBy(() -> TopicTable.parse(table))
                .isInstanceOf(TopicTableException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesAPageWithNoTableOrAMissingTopic() {
        assertThatThrownBy(() -> TopicTable.parse("nothing here")).hasMessageContaining("found 0 topic tables");
        assertThatThrownBy(() -> TopicTable.parse(HEADER)).hasMessageContaining("no rows");
        assertThatThrownBy(() -> Topics.complete(Map.of())).hasMessageContaining("no row for aliquot.telemetry.v1");
    }

    private static TopicSpec named(String name) {
        return Topics.all().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
