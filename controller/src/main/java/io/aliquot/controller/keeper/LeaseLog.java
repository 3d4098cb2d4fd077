package io.aliquot.controller.keeper;

import io.aliquot.controller.ingest.ClientProperties;
import io.aliquot.controller.ingest.MalformedRecords;
import io.aliquot.controller.lease.Candidate;
import io.aliquot.controller.lease.LeaseEntry;
import io.aliquot.controller.lease.LeaseReading;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** The lease topic as it is read. One thread; {@link #wakeup} from any. */
final class LeaseLog implements AutoCloseable {
    private static final TopicPartition LEASE = new TopicPartition(Topics.LEASE, 0);

    /** Enough to hold some minutes of heartbeats, so the newest holder's are among them. */
    private static final long LOOK_BACK = 1000;

    private static final int FETCH_WAIT_MS = 500;
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Consumer<String, byte[]> consumer;
    private final MalformedRecords malformed;
    private @Nullable LeaseReading reading;

    LeaseLog(KafkaAccess kafka, MalformedRecords malformed) {
        this.consumer = ClientProperties.consumer(kafka, "lease", "earliest", FETCH_WAIT_MS);
        this.malformed = malformed;
    }

    /** Goes to where reading begins. May be called again after an error. */
    void stand() {
        Set<TopicPartition> lease = Set.of(LEASE);
        long begin = consumer.beginningOffsets(lease).getOrDefault(LEASE, 0L);
        long end = consumer.endOffsets(lease).getOrDefault(LEASE, 0L);
        consumer.assign(lease);
        consumer.seek(LEASE, Math.max(begin, end - LOOK_BACK));
        reading = new LeaseReading(end);
    }

    /** Whether all that was there at the start was read, or all that there is. */
    boolean caughtUp() {
        LeaseReading now = reading;
        return now != null && now.caughtUp(consumer.position(LEASE), consumer.currentLag(LEASE));
    }

    /**
     * Tells the candidate what came, and waits for it no longer than that.
     *
     * @throws FatalFailure when the records don't have the broker's time, or begin anew
     */
    void read(Candidate candidate, Duration atMost) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
            check(record);
            LeaseEntry entry;
            try {
                entry = LeaseCodec.decode(record.value());
            } catch (IllegalArgumentException e) {
                malformed.skipped(record, e);
                continue;
            }
            candidate.read(record.offset(), record.timestamp(), entry, System.nanoTime());
        }
    }

    private void check(ConsumerRecord<String, byte[]> record) {
        if (record.timestampType() != TimestampType.LOG_APPEND_TIME) {
            throw new FatalFailure(
                    "topic " + Topics.LEASE + ": the record at offset " + record.offset() + " is stamped by "
                            + record.timestampType() + ", expected " + TimestampType.LOG_APPEND_TIME,
                    "delete the topic while no controller runs, and start one: it creates the topic again");
        }
        LeaseReading now = reading;
        if (now != null && !now.goesOn(record.offset())) {
            throw new FatalFailure(
                    "topic " + Topics.LEASE + " was created again: offset " + record.offset() + " came after "
                            + now.lastOffset(),
                    "start all controllers again");
        }
    }

    /** Makes a call that waits end with an error. */
    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }
}
