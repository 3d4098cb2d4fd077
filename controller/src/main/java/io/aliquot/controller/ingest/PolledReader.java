package io.aliquot.controller.ingest;

import io.aliquot.controller.state.FatalFailure;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named platform thread that polls a consumer until it is closed. A broker that is away costs nothing but time: the client
 * reconnects by itself. Start once; close from any thread.
 */
final class PolledReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolledReader.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofSeconds(1);
    private static final Duration JOIN = Duration.ofSeconds(2);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;
    private final Thread thread;
    private volatile long lag;
    private volatile boolean closed;

    /**
     * @param sink gets each poll that brought something, on the reader's thread
     * @param onFailure told once when the sink failed; the thread has ended then
     */
    PolledReader(
            String name,
            org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
            Consumer<ConsumerRecords<String, byte[]>> sink,
            Consumer<Throwable> onFailure) {
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(() -> run(sink, onFailure));
    }

    /** Records that the broker has and that were not read yet, as of the last poll. Any thread. */
    long lag() {
        return lag;
    }

    void start() {
        thread.start();
    }

    /** The record's value; a record without one can't be read. */
    static byte[] value(ConsumerRecord<String, byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            throw new IllegalArgumentException("it has no value");
        }
        return value;
    }

    private void run(Consumer<ConsumerRecords<String, byte[]>> sink, Consumer<Throwable> onFailure) {
        try {
            while (!closed) {
                ConsumerRecords<String, byte[]> records = poll();
                lag = lagNow();
                if (!records.isEmpty()) {
                    sink.accept(records);
                }
            }
        } catch (RuntimeException e) {
            if (!closed) {
                onFailure.accept(e);
            }
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE));
        }
    }

    private ConsumerRecords<String, byte[]> poll() {
        try {
            return consumer.poll(POLL);
        } catch (WakeupException | InterruptException e) {
            if (!closed) {
                throw new FatalFailure(thread.getName() + " was interrupted", "start the controller again", e);
            }
        } catch (KafkaException e) {
            LOG.warn("{}: {}: trying again", thread.getName(), e.getMessage());
            pause();
        }
        return ConsumerRecords.empty();
    }

    private long lagNow() {
        long sum = 0;
        for (TopicPartition partition : consumer.assignment()) {
            sum += consumer.currentLag(partition).orElse(0);
        }
        return sum;
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_ERROR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        if (!thread.isAlive()) {
            if (thread.getState() == Thread.State.NEW) {
                consumer.close(CloseOptions.timeout(CLOSE));
            }
            return;
        }
        consumer.wakeup();
        try {
            if (!thread.join(JOIN)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
