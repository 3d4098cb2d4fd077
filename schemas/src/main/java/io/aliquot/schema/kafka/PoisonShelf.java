package io.aliquot.schema.kafka;

import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.PoisonRecord;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps records that can't be read in {@code aliquot.poison.v1}, from a thread that is there once there is one. {@link #keep} never
 * waits and never fails: a hundred may come at once and one a second after that, and what is more, or can't be sent, is counted
 * only; it still stands in its own topic. Any thread.
 */
public final class PoisonShelf implements AutoCloseable {
    private static final int MOST_WAITING = 100;
    private static final int TIMEOUT_MS = 2000;
    private static final Duration CLOSE = Duration.ofMillis(500);

    private final KafkaAccess kafka;
    private final String reader;
    private final Consumer<String> trouble;
    private final BlockingQueue<PoisonRecord> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile boolean closed;
    private volatile boolean said;
    private @Nullable Thread thread;
    private double allowed = MOST_WAITING;
    private long allowedAtNs = System.nanoTime();

    /**
     * @param reader which program this is, for people
     * @param trouble told once why records can't be kept, until one is again
     */
    public PoisonShelf(KafkaAccess kafka, String reader, Consumer<String> trouble) {
        this.kafka = kafka;
        this.reader = reader;
        this.trouble = trouble;
    }

    /** Hands a record over. */
    public synchronized void keep(ConsumerRecord<String, byte[]> record, String reason) {
        if (closed || !allowed(System.nanoTime())) {
            dropped.incrementAndGet();
            return;
        }
        if (!waiting.offer(Poison.of(record, reason, reader, System.currentTimeMillis()))) {
            dropped.incrementAndGet();
        }
        if (thread == null) {
            thread = Thread.ofPlatform().name("aliquot-poison").daemon(true).start(this::run);
        }
    }

    /** @return records that the broker has */
    public long kept() {
        return kept.get();
    }

    /** @return records that were not kept */
    public long dropped() {
        return dropped.get();
    }

    private boolean allowed(long nowNs) {
        allowed = Math.min(MOST_WAITING, allowed + (nowNs - allowedAtNs) / 1e9);
        allowedAtNs = nowNs;
        if (allowed < 1) {
            return false;
        }
        allowed--;
        return true;
    }

    private void run() {
        KafkaProducer<String, byte[]> producer = null;
        try {
            while (!closed || !waiting.isEmpty()) {
                PoisonRecord next = waiting.poll(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    continue;
                }
                try {
                    producer = producer == null ? connect() : producer;
                    send(producer, next);
                } catch (KafkaException e) {
                    done(e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (producer != null) {
                producer.close(CLOSE);
            }
        }
    }

    /** No producer before the topic is there: some brokers create what a producer asks for, with settings of their own. */
    private KafkaProducer<String, byte[]> connect() {
        Map<String, Object> properties = kafka.client();
        properties.put("client.id", "aliquot-poison-look");
        properties.put("allow.auto.create.topics", false);
        properties.put("default.api.timeout.ms", TIMEOUT_MS);
        properties.put("request.timeout.ms", TIMEOUT_MS);
        var looker = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        try {
            if (looker.partitionsFor(Topics.POISON).isEmpty()) {
                throw new KafkaException(
                        "there is no topic " + Topics.POISON + ": a controller of this version creates it");
            }
        } finally {
            looker.close(CloseOptions.timeout(CLOSE));
        }
        properties = kafka.client();
        properties.put("client.id", "aliquot-poison");
        properties.put("linger.ms", 0);
        properties.put("max.block.ms", TIMEOUT_MS);
        properties.put("request.timeout.ms", TIMEOUT_MS);
        properties.put("delivery.timeout.ms", 2 * TIMEOUT_MS);
        return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    private void send(KafkaProducer<String, byte[]> producer, PoisonRecord record) {
        String key = Poison.key(new TopicPartition(record.getTopic(), record.getPartition()), record.getOffset());
        producer.send(new ProducerRecord<>(Topics.POISON, key, record.toByteArray()), (metadata, error) -> done(error));
    }

    private void done(@Nullable Exception error) {
        if (error == null) {
            kept.incrementAndGet();
            said = false;
            return;
        }
        dropped.incrementAndGet();
        if (!said) {
            said = true;
            trouble.accept("records that can't be read are not kept in " + Topics.POISON + ": " + error.getMessage());
        }
    }

    /** Sends what waits, for a second or two at most. */
    @Override
    public void close() {
        Thread working;
        synchronized (this) {
            closed = true;
            working = thread;
        }
        if (working == null) {
            return;
        }
        try {
            if (!working.join(CLOSE.multipliedBy(3))) {
                working.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
