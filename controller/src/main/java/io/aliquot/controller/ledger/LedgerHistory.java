package io.aliquot.controller.ledger;

import io.aliquot.controller.account.GpuHour;
import io.aliquot.controller.account.GpuTime;
import io.aliquot.controller.account.NodeMark;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.LedgerEntry;
import io.aliquot.schema.v1.LedgerMark;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What earlier ledgers left in the ledger topic: what each key has come to. One thread. */
final class LedgerHistory {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerHistory.class);
    private static final TopicPartition LEDGER = new TopicPartition(Topics.LEDGER, 0);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LedgerMeters meters;
    private final Map<GpuHour, GpuTime> entries = new TreeMap<>();
    private final Map<String, NodeMark> marks = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private @Nullable LedgerPlace place;
    private boolean named;

    private LedgerHistory(LedgerMeters meters) {
        this.meters = meters;
    }

    /** Reads all that is committed now; to be called when no other ledger can write any more. */
    static LedgerHistory read(Consumer<String, byte[]> consumer, LedgerMeters meters) {
        LedgerHistory history = new LedgerHistory(meters);
        Set<TopicPartition> ledger = Set.of(LEDGER);
        consumer.assign(ledger);
        consumer.seekToBeginning(ledger);
        long end = consumer.endOffsets(ledger).getOrDefault(LEDGER, 0L);
        long lastProgress = System.nanoTime();
        while (consumer.position(LEDGER) < end) {
            long before = consumer.position(LEDGER);
            consumer.poll(POLL).records(LEDGER).forEach(history::add);
            if (consumer.position(LEDGER) > before) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new TimeoutException("topic " + Topics.LEDGER + " gave nothing for " + PATIENCE.toSeconds()
                        + " s at offset " + before + " of " + end);
            }
        }
        consumer.assign(List.of());
        return history;
    }

    Map<GpuHour, GpuTime> entries() {
        return entries;
    }

    Map<String, NodeMark> marks() {
        return marks;
    }

    /** Null when nothing was ever committed. */
    @Nullable LedgerPlace place() {
        return place;
    }

    private void add(ConsumerRecord<String, byte[]> record) {
        try {
            take(String.valueOf(record.key()), record.value());
        } catch (IllegalArgumentException e) {
            meters.malformed(record, e);
            LOG.atLevel(named ? Level.DEBUG : Level.ERROR)
                    .log(
                            "a record of the ledger can't be read and is left out: topic {} offset {} key {}: {}; only the"
                                    + " controller may write this topic (the first; `aliquot poison` shows them all)",
                            record.topic(),
                            record.offset(),
                            record.key(),
                            e.getMessage());
            named = true;
        }
    }

    private void take(String key, byte @Nullable [] value) {
        if (value == null) {
            throw new IllegalArgumentException("it has no value");
        }
        if (key.equals(LedgerCodec.POSITION)) {
            place = LedgerCodec.place(value);
        } else if (key.startsWith(LedgerCodec.ENTRIES)) {
            LedgerEntry entry = LedgerCodec.entry(value);
            GpuHour name = LedgerCodec.name(entry, this::shared);
            requireKey(key, LedgerCodec.key(name));
            entries.put(name, LedgerCodec.time(entry, this::shared));
        } else {
            LedgerMark mark = LedgerCodec.mark(value);
            requireKey(key, LedgerCodec.key(mark.getNode()));
            marks.put(mark.getNode(), LedgerCodec.mark(mark));
        }
    }

    private static void requireKey(String found, String right) {
        if (!found.equals(right)) {
            throw new IllegalArgumentException("expected the key " + right);
        }
    }

    /** The same few names are in all entries. */
    private String shared(String name) {
        return names.computeIfAbsent(name, same -> same);
    }
}
