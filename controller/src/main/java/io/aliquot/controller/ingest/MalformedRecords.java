package io.aliquot.controller.ingest;

import io.aliquot.schema.kafka.PoisonShelf;
import io.aliquot.schema.kafka.Throttle;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts records that can't be read, keeps them aside, and names one of each topic a minute in the log, with where it stands. Any
 * thread.
 */
public final class MalformedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(MalformedRecords.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final MeterRegistry meters;
    private final PoisonShelf shelf;
    private final Throttle lines = new Throttle(PAUSE);

    /** @param shelf where they are kept */
    public MalformedRecords(MeterRegistry meters, PoisonShelf shelf) {
        this.meters = meters;
        this.shelf = shelf;
        FunctionCounter.builder("aliquot.controller.poison.kept", shelf, PoisonShelf::kept)
                .register(meters);
        FunctionCounter.builder("aliquot.controller.poison.dropped", shelf, PoisonShelf::dropped)
                .register(meters);
    }

    /** Keeps one that somebody else counts and names. */
    public void keep(ConsumerRecord<String, byte[]> record, RuntimeException why) {
        shelf.keep(record, String.valueOf(why.getMessage()));
    }

    /** One more; {@code why} says what is wrong with it. */
    public void skipped(ConsumerRecord<String, byte[]> record, RuntimeException why) {
        String reason = String.valueOf(why.getMessage());
        meters.counter("aliquot.controller.malformed.records", "topic", record.topic())
                .increment();
        keep(record, why);
        OptionalLong heldBack = lines.take(record.topic(), System.nanoTime());
        if (heldBack.isPresent()) {
            LOG.warn(
                    "skipped a record that can't be read: {}-{} offset {}: {} ({} more of this topic since the last such"
                            + " line; `aliquot poison` shows them)",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    reason,
                    heldBack.getAsLong());
        }
    }
}
