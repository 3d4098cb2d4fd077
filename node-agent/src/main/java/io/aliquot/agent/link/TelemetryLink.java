package io.aliquot.agent.link;

import io.aliquot.agent.model.NodeUsage;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends telemetry from a thread of its own, "aliquot-telemetry". {@link #offer} never waits: while the broker is slow or
 * dead at most {@value #IN_FLIGHT} records are under way, and the newest one waits while older ones are dropped. Nothing is
 * sent before the topic is there: the controller creates it, and no agent does.
 */
public final class TelemetryLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryLink.class);
    private static final int IN_FLIGHT = 3;
    private static final Duration CLOSE = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final KafkaAccess kafka;
    private final String node;
    private final NewestSlot<NodeUsage> slot = new NewestSlot<>();
    private final Semaphore free = new Semaphore(IN_FLIGHT);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final CountDownLatch end = new CountDownLatch(1);
    private final TopicWait topic;
    private final Thread thread;
    private volatile long acknowledgedAtNs;
    private volatile boolean acknowledged;
    private volatile boolean troubled;

    private TelemetryLink(KafkaAccess kafka, String node) {
        this.kafka = kafka;
        this.node = node;
        this.topic = new TopicWait(kafka, node, "telemetry", Topics.TELEMETRY);
        this.thread = Thread.ofPlatform().name("aliquot-telemetry").daemon().unstarted(this::run);
    }

    /** Starts the thread; the broker need not be there yet. */
    public static TelemetryLink start(KafkaAccess kafka, String node) {
        TelemetryLink link = new TelemetryLink(kafka, node);
        link.thread.start();
        return link;
    }

    /** Hands over the newest usage; any thread, never waits. */
    public void offer(NodeUsage usage) {
        slot.offer(usage);
    }

    /** @return records that the broker has acknowledged */
    public long sent() {
        return sent.get();
    }

    /** @return records that a newer one replaced before they could be sent */
    public long dropped() {
        return slot.replaced();
    }

    /** @return records that were given up after the delivery timeout */
    public long failed() {
        return failed.get();
    }

    /** @return whether the broker acknowledged a record within the given time before now */
    public boolean acknowledgedWithin(Duration age, long nowNs) {
        return acknowledged && nowNs - acknowledgedAtNs <= age.toNanos();
    }

    private void run() {
        try {
            Optional<KafkaProducer<String, byte[]>> producer = topic.await() ? connect() : Optional.empty();
            if (producer.isPresent()) {
                follow(producer.get());
                producer.get().close(CLOSE);
            }
        } catch (InterruptedException unexpected) {
            LOG.error("interrupted; telemetry is no longer sent");
        }
    }

    private void follow(KafkaProducer<String, byte[]> producer) throws InterruptedException {
        while (!ending()) {
            if (free.tryAcquire(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                Optional<NodeUsage> newest = slot.take();
                if (newest.isEmpty()) {
                    return;
                }
                send(producer, newest.get());
            }
        }
    }

    /** A name that can't be resolved yet is no reason to end: it is asked for again for ever. */
    private Optional<KafkaProducer<String, byte[]>> connect() throws InterruptedException {
        while (!ending()) {
            try {
                return Optional.of(new KafkaProducer<>(
                        LinkConfig.producer(kafka, node), new StringSerializer(), new ByteArraySerializer()));
            } catch (KafkaException unable) {
                trouble(unable);
                pause();
            }
        }
        return Optional.empty();
    }

    private void send(KafkaProducer<String, byte[]> producer, NodeUsage usage) throws InterruptedException {
        try {
            producer.send(
                    new ProducerRecord<>(Topics.TELEMETRY, node, TelemetryCodec.encode(usage)),
                    (metadata, failure) -> done(failure));
        } catch (KafkaException failure) {
            done(failure);
            pause();
        }
    }

    private boolean ending() {
        return end.getCount() == 0;
    }

    private void pause() throws InterruptedException {
        if (end.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("ending");
        }
    }

    private void done(@Nullable Exception failure) {
        free.release();
        if (failure == null) {
            acknowledgedAtNs = System.nanoTime();
            acknowledged = true;
            sent.incrementAndGet();
            if (troubled) {
                troubled = false;
                LOG.info("telemetry is delivered to {} again", kafka.bootstrapServers());
            }
        } else {
            failed.incrementAndGet();
            trouble(failure);
        }
    }

    private void trouble(Exception failure) {
        if (!troubled && !ending()) {
            troubled = true;
            LOG.warn(
                    "telemetry can't be delivered to {} ({}); the newest is kept and tried again for ever",
                    kafka.bootstrapServers(),
                    said(failure));
        }
    }

    private String said(Exception failure) {
        return KafkaRefusal.of(failure, kafka, "--node " + node)
                .map(refusal -> refusal.problem() + "; " + refusal.fix())
                .orElseGet(() -> String.valueOf(failure.getMessage()));
    }

    @Override
    public void close() {
        end.countDown();
        topic.end();
        slot.close();
        try {
            thread.join(Duration.ofSeconds(3));
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
