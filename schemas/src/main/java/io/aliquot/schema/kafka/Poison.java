package io.aliquot.schema.kafka;

import com.google.protobuf.ByteString;
import io.aliquot.schema.v1.PoisonRecord;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** What is kept of a record that can't be read. Pure. */
final class Poison {
    /** Enough to see what it is; all of it is in its topic for as long as that keeps it. */
    static final int MOST_VALUE = 64 << 10;

    private static final int MOST_KEY = 1 << 10;
    private static final int MOST_REASON = 1 << 10;

    private Poison() {}

    /** The same for each reader of the same record. */
    static String key(TopicPartition partition, long offset) {
        return partition.topic() + "/" + partition.partition() + "/" + offset;
    }

    /**
     * Copies what is kept.
     *
     * @param reader which program could not read it
     */
    static PoisonRecord of(ConsumerRecord<String, byte[]> record, String reason, String reader, long nowUnixMs) {
        PoisonRecord.Builder kept = PoisonRecord.newBuilder()
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTimestampMs(record.timestamp())
                .setReason(clipped(reason))
                .setReader(reader)
                .setKeptAtUnixMs(nowUnixMs);
        if (record.key() != null) {
            byte[] key = record.key().getBytes(StandardCharsets.UTF_8);
            kept.setKey(ByteString.copyFrom(key, 0, Math.min(key.length, MOST_KEY)));
        }
        byte[] value = record.value();
        if (value != null) {
            kept.setValue(ByteString.copyFrom(value, 0, Math.min(value.length, MOST_VALUE)))
                    .setValueLength(value.length);
        }
        return kept.build();
    }

    private static String clipped(String reason) {
        return reason.length() <= MOST_REASON ? reason : reason.substring(0, MOST_REASON);
    }
}
