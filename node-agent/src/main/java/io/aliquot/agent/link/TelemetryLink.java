package io.aliquot.agent.link;

import io.aliquot.agent.model.NodeUsage;
import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends telemetry from a thread of its own, "aliquot-telemetry". {@link #offer} never waits: while the broker is slow or
 * dead at most {@value #IN_FLIGHT} records are under way, and the newest one waits while older ones are dropped.
 */
public final class TelemetryLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryLink.class);
    private static final int IN_FLIGHT = 3;
    private static final Duration RETRY = Duration.ofMillis(500);

    private final String bootstrapServers;
    private final String node;
    private final NewestSlot<NodeUsage> slot = new NewestSlot<>();
    private final Semaphore free = new Semaphore(IN_FLIGHT);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Thread thread;
    private volatile long acknowledgedAtNs;
    private volatile boolean acknowledged;
    private volatile boolean troubled;

    private TelemetryLink(String bootstrapServers, String node) {
        this.bootstrapServers = bootstrapServers;
        this.node = node;
        this.thread = Thread.ofPlatform().name("aliquot-telemetry").daemon().unstarted(this::run);
    }

    /** Starts the thread; the broker need not be there yet. */
    public static TelemetryLink start(String bootstrapServers, String node) {
        TelemetryLink link = new TelemetryLink(bootstrapServers, node);
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
        try (KafkaProducer<String, byte[]> producer = connect()) {
            try {
                while (true) {
                    free.acquire();
                    send(producer, slot.take().orElseThrow(InterruptedException::new));
                }
            } catch (InterruptedException end) {
                producer.close(Duration.ofMillis(200));
            }
        } catch (InterruptedException end) {
            LOG.debug("ended before there was a producer");
        }
    }

    /** A name that can't be resolved yet is no reason to end: it is asked for again for ever. */
    private KafkaProducer<String, byte[]> connect() throws InterruptedException {
        while (true) {
            try {
                return new KafkaProducer<>(
                        LinkConfig.producer(bootstrapServers, node), new StringSerializer(), new ByteArraySerializer());
            } catch (KafkaException unable) {
                trouble(unable);
                Thread.sleep(RETRY);
            }
        }
    }

    private void send(KafkaProducer<String, byte[]> producer, NodeUsage usage) throws InterruptedException {
        try {
            producer.send(
                    new ProducerRecord<>(Topics.TELEMETRY, node, TelemetryCodec.encode(usage)),
                    (metadata, failure) -> done(failure == null, failure));
        } catch (InterruptException end) {
            throw new InterruptedException("while sending");
        } catch (KafkaException failure) {
            done(false, failure);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private void done(boolean delivered, @Nullable Exception failure) {
        free.release();
        if (delivered) {
            acknowledgedAtNs = System.nanoTime();
            acknowledged = true;
            sent.incrementAndGet();
            if (troubled) {
                troubled = false;
                LOG.info("telemetry is delivered to {} again", bootstrapServers);
            }
        } else {
            failed.incrementAndGet();
            trouble(failure);
        }
    }

    private void trouble(@Nullable Exception failure) {
        if (!troubled) {
            troubled = true;
            LOG.warn(
                    "telemetry can't be delivered to {} ({}); the newest is kept and tried again for ever",
                    bootstrapServers,
                    failure == null ? "unknown" : failure.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
