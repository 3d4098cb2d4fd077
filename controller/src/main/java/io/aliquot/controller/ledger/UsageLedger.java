package io.aliquot.controller.ledger;

import io.aliquot.controller.account.Books;
import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who used how much of which GPU, kept in Kafka. Every few seconds one transaction holds the entries that changed and the place
 * in telemetry up to which they go, so each record of telemetry is in them exactly once, whenever a ledger dies. It has a thread
 * of its own; a broker that is away delays it, and nothing else. Start once; other methods from any thread.
 */
public final class UsageLedger implements AutoCloseable {
    /** How long entries are kept, in hours: as long as the topic keeps them. */
    public static final int KEPT_HOURS = 35 * 24;

    private static final Logger LOG = LoggerFactory.getLogger(UsageLedger.class);
    private static final Duration COMMIT_EVERY = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_WHEN_SHUT_OUT = Duration.ofSeconds(10);
    private static final Duration JOIN = Duration.ofSeconds(3);

    private final LedgerClients clients;
    private final String telemetryTopicId;
    private final Function<byte[], NodeReport> parser;
    private final LedgerMeters meters;
    private final Duration commitEvery;
    private final Thread thread =
            Thread.ofPlatform().name("aliquot-usage-ledger").daemon(true).unstarted(this::run);
    private final Object lock = new Object();
    private volatile boolean closed;
    private volatile @Nullable LedgerSession session;
    /** Their settled part is the committed one; it changes under the lock alone. */
    private @Nullable Books books;

    private @Nullable LedgerPlace committed;

    /**
     * @param telemetryTopicId id of today's telemetry topic
     * @param parser reads a record of telemetry; throws {@link IllegalArgumentException} for what is none
     * @param poison takes records that can't be read; must not wait
     */
    public UsageLedger(
            KafkaAccess kafka,
            String telemetryTopicId,
            Function<byte[], NodeReport> parser,
            MeterRegistry meters,
            BiConsumer<ConsumerRecord<String, byte[]>, RuntimeException> poison) {
        this(LedgerClients.of(kafka), telemetryTopicId, parser, new LedgerMeters(meters, poison), COMMIT_EVERY);
    }

    UsageLedger(
            LedgerClients clients,
            String telemetryTopicId,
            Function<byte[], NodeReport> parser,
            LedgerMeters meters,
            Duration commitEvery) {
        this.clients = clients;
        this.telemetryTopicId = telemetryTopicId;
        this.parser = parser;
        this.meters = meters;
        this.commitEvery = commitEvery;
    }

    public void start() {
        thread.start();
    }

    /** Adds up what is committed; empty until the ledger was read. May take a second over many GPUs and hours. */
    public Optional<Statement> report(Report.Query query) {
        synchronized (lock) {
            return books == null || committed == null
                    ? Optional.empty()
                    : Optional.of(new Statement(
                            Report.of(books.settled(), query), committed.untilUnixMs(), committed.missedRecords()));
        }
    }

    boolean alive() {
        return thread.isAlive();
    }

    private void run() {
        while (!closed) {
            try (LedgerSession now = new LedgerSession(clients, telemetryTopicId, parser, meters)) {
                session = now;
                keep(now);
            } catch (KafkaException e) {
                if (!closed) {
                    trouble(e);
                }
            } catch (RuntimeException e) {
                LOG.error("the usage ledger failed and begins again from what is committed", e);
                pause(PAUSE_WHEN_SHUT_OUT);
            }
        }
    }

    private void keep(LedgerSession now) {
        Books own = now.open();
        show(own, now);
        long dueNs = System.nanoTime() + commitEvery.toNanos();
        while (!closed) {
            now.poll(own, POLL.compareTo(commitEvery) < 0 ? POLL : commitEvery);
            if (now.behind() && System.nanoTime() - dueNs >= 0) {
                now.commit(own);
                show(own, now);
                meters.committed(own.settled().size());
                dueNs = System.nanoTime() + commitEvery.toNanos();
            }
        }
    }

    /** All of it is committed. */
    private void show(Books own, LedgerSession now) {
        synchronized (lock) {
            own.settle(KEPT_HOURS);
            books = own;
            committed = now.place(own);
        }
    }

    /**
     * One that was shut out tries again, too: two controllers are started together now and then, and the one that must go
     * is told so by the lease and closes its ledger.
     */
    private void trouble(KafkaException e) {
        boolean shutOut = e instanceof ProducerFencedException
                || e instanceof InvalidProducerEpochException
                || e.getCause() instanceof ProducerFencedException
                || e.getCause() instanceof InvalidProducerEpochException;
        LOG.warn("usage ledger: {}: it begins again from what is committed", e.getMessage());
        pause(shutOut ? PAUSE_WHEN_SHUT_OUT : PAUSE);
    }

    private void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        LedgerSession now = session;
        if (now != null) {
            now.wakeup();
        }
        try {
            if (thread.isAlive() && !thread.join(JOIN)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
