package io.aliquot.controller.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.replay.ReplayTick;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.Fence;
import io.aliquot.released.ReleasedRecords;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.RecordedTick;
import io.aliquot.schema.v1.Tick;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a replay reads, as each release wrote it and as a later one may. */
class ReleasedRecordingsTest {
    @Test
    void readsTheJournal() throws Exception {
        for (byte[] record : ReleasedRecords.of("Tick")) {
            Tick tick = Tick.parseFrom(record);
            ReplayTick read =
                    ReplayTicks.of(RecordedTick.newBuilder().setTick(tick).build());
            assertThat(read.kind()).isEqualTo(CallKind.QUOTAS);
            assertThat(read.first()).isEqualTo(new Fence("lease-topic-id-0", 2, 10));
            assertThat(read.number()).isEqualTo(3);
            Tick later = Tick.parseFrom(ReleasedRecords.withUnknownFields(tick));
            assertThat(ReplayTicks.of(RecordedTick.newBuilder().setTick(later).build()))
                    .isEqualTo(read);
        }
    }

    @Test
    void readsRecordings() throws Exception {
        for (byte[] record : ReleasedRecords.of("RecordedTick")) {
            RecordedTick recorded = RecordedTick.parseFrom(record);
            ReplayTick tick = ReplayTicks.of(recorded);
            assertThat(tick.changes())
                    .hasExactlyElementsOfTypes(ClusterEvent.QuotaChanged.class, ClusterEvent.QuotaRemoved.class);
            assertThat(tick.reports()).extracting(report -> report.node()).containsExactly("node-0");
            assertThat(tick.recorded()).containsOnlyKeys(3L);
            assertThat(tick.missing()).isEqualTo("missing-0");
            ReplayTick later = ReplayTicks.of(RecordedTick.parseFrom(ReleasedRecords.withUnknownFields(recorded)));
            assertThat(later).usingRecursiveComparison().isEqualTo(tick);
        }
    }

    /** A replay that guessed would show another policy than the one that was. */
    @Test
    void aTickOfAKindThatNobodyKnowsIsNamed() throws Exception {
        for (byte[] record : ReleasedRecords.of("RecordedTick")) {
            RecordedTick later =
                    RecordedTick.parseFrom(ReleasedRecords.withUnknownValues(RecordedTick.parseFrom(record)));
            assertThatThrownBy(() -> ReplayTicks.of(later))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a tick of a kind that this version does not know");
        }
    }

    @Test
    void readsAudits() throws Exception {
        for (byte[] record : ReleasedRecords.of("QuotaAudit")) {
            QuotaAudit audit = QuotaAudit.parseFrom(record);
            assertThat(audit.getRequestOffset()).isEqualTo(7);
            byte[] later = ReleasedRecords.withUnknownFields(audit);
            for (QuotaAudit read : List.of(audit, QuotaAudit.parseFrom(later))) {
                QuotaTimeline timeline = new QuotaTimeline(new TreeMap<>(), List.of(read));
                assertThat(timeline.before("request-topic-id-0", 7, 0)).isEqualTo(Map.of("tenant-0", read.getBefore()));
                assertThat(timeline.between("request-topic-id-0", 7, 8))
                        .singleElement()
                        .satisfies(step ->
                                assertThat(step.getChanged().getVersion()).isEqualTo(6));
            }
        }
    }
}
