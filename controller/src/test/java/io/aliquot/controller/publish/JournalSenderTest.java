package io.aliquot.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.SkippedRecords;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.Tick;
import io.aliquot.schema.v1.TickKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class JournalSenderTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    private final JournalSender sender = new JournalSender(producer, meters);

    @Test
    void writesAllInTheirOrderBeforeItCloses() throws Exception {
        sender.start();
        LongStream.rangeClosed(1, 100).forEach(number -> sender.offer(entry(number)));
        sender.close();
        assertThat(producer.history())
                .hasSize(100)
                .allMatch(record -> record.topic().equals(Topics.TICK));
        for (int i = 0; i < 100; i++) {
            assertThat(Tick.parseFrom(producer.history().get(i).value()).getNumber())
                    .isEqualTo(i + 1);
        }
        assertThat(meters.counter("aliquot.controller.journal.written").count()).isEqualTo(100);
    }

    @Test
    void dropsAndCountsWhatHasNoRoomAndBlocksNobody() {
        LongStream.rangeClosed(1, JournalSender.MOST_WAITING + 3).forEach(number -> sender.offer(entry(number)));
        assertThat(meters.counter("aliquot.controller.journal.dropped").count()).isEqualTo(3);
        sender.close();
    }

    @Test
    void anEntryCarriesAllThatAReplayNeedsInAFewHundredBytes() throws Exception {
        byte[] bytes = entry(7).toBytes();
        Tick tick = Tick.parseFrom(bytes);
        assertThat(tick)
                .isEqualTo(Tick.newBuilder()
                        .setLeaseTopicId("0123456789012345678901")
                        .setTerm(5)
                        .setNumber(7)
                        .setKind(TickKind.TICK_KIND_QUOTAS)
                        .setNowMs(1_000_000_000)
                        .setDecidedAtUnixMs(1_800_000_000_000L)
                        .putInputOffsets(Topics.TELEMETRY, 1_000_000)
                        .putInputOffsets(Topics.QUOTA_REQUEST, 1_000)
                        .addSkipped(io.aliquot.schema.v1.SkippedRecords.newBuilder()
                                .setPartition(Topics.TELEMETRY)
                                .setFrom(3)
                                .setTo(9))
                        .setRequestTopicId("abcdefghijabcdefghijab")
                        .setFirstSequence(70)
                        .setDecisions(2)
                        .setTimeToLiveMs(10_000)
                        .build());
        assertThat(bytes).hasSizeLessThan(300);
    }

    private static JournalEntry entry(long number) {
        return new JournalEntry(
                number,
                CallKind.QUOTAS,
                1_000_000_000,
                1_800_000_000_000L,
                Map.of(Topics.TELEMETRY, 1_000_000L, Topics.QUOTA_REQUEST, 1_000L),
                List.of(new SkippedRecords(Topics.TELEMETRY, 3, 9)),
                "abcdefghijabcdefghijab",
                new Fence("0123456789012345678901", 5, 10 * number),
                2,
                10_000);
    }
}
