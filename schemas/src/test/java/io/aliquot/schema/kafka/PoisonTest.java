package io.aliquot.schema.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.schema.v1.PoisonRecord;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PoisonTest {
    @Test
    void saysWhereARecordStandsAndWhatIsWrong() {
        PoisonRecord kept = Poison.of(record("k", new byte[] {1, 2}), "no decision", "agent n", 9);
        assertThat(kept.getTopic()).isEqualTo("t");
        assertThat(kept.getPartition()).isEqualTo(3);
        assertThat(kept.getOffset()).isEqualTo(7);
        assertThat(kept.getKey().toStringUtf8()).isEqualTo("k");
        assertThat(kept.getValue().toByteArray()).containsExactly(1, 2);
        assertThat(kept.getValueLength()).isEqualTo(2);
        assertThat(kept.getReason()).isEqualTo("no decision");
        assertThat(kept.getReader()).isEqualTo("agent n");
        assertThat(kept.getKeptAtUnixMs()).isEqualTo(9);
        assertThat(Poison.key(new TopicPartition("t", 3), 7)).isEqualTo("t/3/7");
    }

    @Test
    void keepsTheBeginningOfWhatIsLongAndNothingOfWhatIsNotThere() {
        PoisonRecord kept = Poison.of(record("k".repeat(9999), new byte[10 << 20]), "r".repeat(9999), "c", 0);
        assertThat(kept.getValueLength()).isEqualTo(10 << 20);
        assertThat(kept.getSerializedSize()).isLessThan(Poison.MOST_VALUE + 4096);
        PoisonRecord empty = Poison.of(record(null, null), "it has no value", "c", 0);
        assertThat(empty.hasKey()).isFalse();
        assertThat(empty.hasValue()).isFalse();
    }

    @Test
    void namesOneOfAKindInAWhileAndCountsThoseBetween() {
        Throttle throttle = new Throttle(Duration.ofNanos(10));
        assertThat(throttle.take("a", Long.MAX_VALUE - 2)).hasValue(0);
        assertThat(throttle.take("a", Long.MAX_VALUE)).isEmpty();
        assertThat(throttle.take("a", Long.MIN_VALUE + 6)).isEmpty();
        assertThat(throttle.take("b", Long.MIN_VALUE + 6)).hasValue(0);
        assertThat(throttle.take("a", Long.MIN_VALUE + 7)).hasValue(2);
    }

    private static ConsumerRecord<String, byte[]> record(String key, byte[] value) {
        return new ConsumerRecord<>("t", 3, 7, key, value);
    }
}
