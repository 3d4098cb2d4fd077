package io.aliquot.controller.ledger;

import io.aliquot.controller.account.Books;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger between two troubles: shuts out every earlier one, reads what is committed, and goes on from there. After an error
 * of a transaction nobody knows what was written, so the session is closed, and the next one finds out. One thread;
 * {@link #wakeup} from any.
 */
final class LedgerSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerSession.class);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final String telemetryTopicId;
    private final Function<byte[], NodeReport> parser;
    private final LedgerMeters meters;
    private final Consumer<String, byte[]> consumer;
    private final Producer<String, byte[]> producer;
    private final Map<Integer, Long> nextOffsets = new HashMap<>();
    private long missedRecords;
    private boolean behind;
    private volatile boolean closing;

    /** @param parser throws {@link IllegalArgumentException} for what is no telemetry */
    LedgerSession(
            LedgerClients clients, String telemetryTopicId, Function<byte[], NodeReport> parser, LedgerMeters meters) {
        this.telemetryTopicId = telemetryTopicId;
        this.parser = parser;
        this.meters = meters;
        this.consumer = clients.consumer();
        try {
            this.producer = clients.producer();
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /**
     * Shuts out every earlier ledger, reads what they committed, and stands where they ended.
     *
     * @return the books as committed
     */
    Books open() {
        producer.initTransactions();
        LedgerHistory history = LedgerHistory.read(consumer, meters);
        Books books = new Books(history.entries(), history.marks());
        stand(history.place());
        LOG.info(
                "the usage ledger goes on with {} entries from telemetry offsets {}",
                history.entries().size(),
                nextOffsets);
        return books;
    }

    /** Enters what came, and waits for it no longer than that. */
    void poll(Books books, Duration atMost) {
        ConsumerRecords<String, byte[]> records = consumer.poll(atMost);
        for (ConsumerRecord<String, byte[]> record : records) {
            enter(books, record);
        }
        long lag = 0;
        for (TopicPartition partition : consumer.assignment()) {
            long next = consumer.position(partition);
            Long before = nextOffsets.put(partition.partition(), next);
            behind |= before == null || before != next;
            lag += consumer.currentLag(partition).orElse(0);
        }
        meters.lag(lag);
    }

    /** Whether the committed position is behind what was entered. */
    boolean behind() {
        return behind;
    }

    /** Where it stands, with what was entered. */
    LedgerPlace place(Books books) {
        return new LedgerPlace(telemetryTopicId, nextOffsets, missedRecords, books.newestUnixMs());
    }

    /** Writes what changed and where it stands, all or nothing, and returns when it is committed. */
    void commit(Books books) {
        producer.beginTransaction();
        books.changedEntries().forEach((name, time) -> write(LedgerCodec.key(name), LedgerCodec.entry(name, time)));
        books.changedMarks().forEach((node, mark) -> write(LedgerCodec.key(node), LedgerCodec.mark(node, mark)));
        write(LedgerCodec.POSITION, LedgerCodec.place(place(books)));
        commitUntilKnown();
        behind = false;
    }

    /** Makes a call that waits end with an error. */
    void wakeup() {
        closing = true;
        consumer.wakeup();
    }

    private void write(String key, byte[] value) {
        producer.send(new ProducerRecord<>(Topics.LEDGER, 0, key, value));
    }

    /** A commit that timed out may have happened: only asking again tells. */
    private void commitUntilKnown() {
        while (true) {
            try {
                producer.commitTransaction();
                return;
            } catch (TimeoutException e) {
                if (closing) {
                    throw e;
                }
                LOG.warn("usage ledger not committed yet: {}", e.getMessage());
            }
        }
    }

    private void enter(Books books, ConsumerRecord<String, byte[]> record) {
        byte[] value = record.value();
        NodeReport report;
        try {
            if (value == null) {
                throw new IllegalArgumentException("it has no value");
            }
            report = parser.apply(value);
        } catch (IllegalArgumentException e) {
            LOG.debug("telemetry at offset {} can't be read: {}", record.offset(), e.getMessage());
            meters.malformed(record, e);
            return;
        }
        meters.count(books.enter(report, record.timestamp()));
    }

    private void stand(@Nullable LedgerPlace place) {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.TELEMETRY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<Integer, Long> committed = Map.of();
        if (place != null) {
            missedRecords = place.missedRecords();
            if (place.topicId().equals(telemetryTopicId)) {
                committed = place.nextOffsets();
            } else {
                LOG.warn("the telemetry topic was created again: the usage ledger reads it from its beginning");
            }
        }
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, begin);
            Long next = committed.get(partition.partition());
            long from = next == null ? begin : from(next, begin, end);
            consumer.seek(partition, from);
            nextOffsets.put(partition.partition(), from);
        }
    }

    private long from(long committed, long begin, long end) {
        if (committed < begin) {
            long gone = begin - committed;
            missedRecords += gone;
            behind = true;
            meters.missed(gone);
            LOG.warn(
                    "{} records of telemetry were deleted before the usage ledger read them; reports show their time as"
                            + " unobserved",
                    gone);
        } else if (committed > end) {
            behind = true;
            LOG.warn(
                    "telemetry ends at offset {}, before {} up to which it was accounted for: the broker lost records",
                    end,
                    committed);
        }
        return Math.clamp(committed, begin, end);
    }

    @Override
    public void close() {
        try {
            producer.close(CLOSE);
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE));
        }
    }
}
