package io.aliquot.controller.publish;

import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the journal on a thread of its own, in order. When the broker is away for longer than the queue lasts, entries are
 * dropped and counted: a replay sees the hole by their numbers. {@link #offer} from any thread, never blocks.
 */
public final class JournalSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalSender.class);

    /** Some minutes of ticks; an entry is a few hundred bytes. */
    static final int MOST_WAITING = 4096;

    private static final int LINGER_MS = 100;
    private static final int BLOCK_MS = 2000;
    private static final int REQUEST_TIMEOUT_MS = 2000;
    private static final int DELIVERY_TIMEOUT_MS = 30_000;
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final Producer<String, byte[]> producer;
    private final BlockingQueue<Optional<JournalEntry>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread thread =
            Thread.ofPlatform().name("aliquot-journal").daemon(true).unstarted(this::run);
    private final Counter written;
    private final Counter dropped;

    public JournalSender(KafkaAccess kafka, MeterRegistry meters) {
        this(producer(kafka), meters);
    }

    JournalSender(Producer<String, byte[]> producer, MeterRegistry meters) {
        this.producer = producer;
        this.written = meters.counter("aliquot.controller.journal.written");
        this.dropped = meters.counter("aliquot.controller.journal.dropped");
    }

    private static Producer<String, byte[]> producer(KafkaAccess kafka) {
        Map<String, Object> properties = kafka.client();
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-controller-journal");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /** Starts the writing thread. */
    public void start() {
        thread.start();
    }

    /** Puts an entry behind those that wait, or drops it. */
    public void offer(JournalEntry entry) {
        if (!waiting.offer(Optional.of(entry))) {
            dropped.increment();
        }
    }

    private void run() {
        try {
            for (var next = waiting.take(); next.isPresent(); next = waiting.take()) {
                send(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(JournalEntry entry) {
        try {
            producer.send(
                    new ProducerRecord<>(Topics.TICK, Topics.TICK_KEY, entry.toBytes()),
                    (metadata, error) -> (error == null ? written : dropped).increment());
        } catch (KafkaException | IllegalStateException e) {
            dropped.increment();
            LOG.debug("tick {} not journalled: {}", entry.number(), e.getMessage());
        }
    }

    /** Writes what waits, for two seconds at most. */
    @Override
    public void close() {
        if (thread.isAlive() && waiting.offer(Optional.empty())) {
            try {
                thread.join(CLOSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread.interrupt();
        producer.close(CLOSE);
    }
}
