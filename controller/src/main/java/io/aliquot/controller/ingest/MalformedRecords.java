package io.aliquot.controller.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts records that can't be read, and logs the first of each topic with where it stands. Any thread. */
public final class MalformedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(MalformedRecords.class);

    private final MeterRegistry meters;
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    public MalformedRecords(MeterRegistry meters) {
        this.meters = meters;
    }

    /** One more; {@code why} says what is wrong with it. */
    public void skipped(ConsumerRecord<String, byte[]> record, RuntimeException why) {
        meters.counter("aliquot.controller.malformed.records", "topic", record.topic())
                .increment();
        if (logged.add(record.topic())) {
            LOG.warn(
                    "skipped a record that can't be read: topic {} partition {} offset {}: {} (further ones of this"
                            + " topic are only counted)",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    why.getMessage());
        }
    }
}
