package io.aliquot.agent.link;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.Inventory;
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
 * Tells what this node has, and which decisions it put in force, from a thread of its own, "aliquot-acks". Nothing here is waited
 * for: of acknowledgements the newest is kept while the broker is slow, and an inventory is told until the broker has it. With a
 * controller of an earlier version the topics are not there: it waits for them, and the node works all the same.
 */
public final class AckLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AckLink.class);
    private static final int IN_FLIGHT = 3;
    private static final Duration REPEAT = Duration.ofHours(1);
    private static final Duration CLOSE = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final KafkaAccess kafka;
    private final String node;
    private final Outgoing outgoing = new Outgoing(REPEAT);
    private final Semaphore free = new Semaphore(IN_FLIGHT);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final CountDownLatch end = new CountDownLatch(1);
    private final TopicWait inventoryTopic;
    private final TopicWait ackTopic;
    private final Thread thread;
    private volatile boolean troubled;

    private AckLink(KafkaAccess kafka, String node) {
        this.kafka = kafka;
        this.node = node;
        this.inventoryTopic = new TopicWait(kafka, node, "inventory", Topics.INVENTORY);
        this.ackTopic = new TopicWait(kafka, node, "acks", Topics.ACK);
        this.thread = Thread.ofPlatform().name("aliquot-acks").daemon().unstarted(this::run);
    }

    /** Starts the thread; the broker need not be there yet. */
    public static AckLink start(KafkaAccess kafka, String node) {
        AckLink link = new AckLink(kafka, node);
        link.thread.start();
        return link;
    }

    /** Hands over what was put in force; any thread, never waits. */
    public void offer(Applied applied) {
        outgoing.offer(applied);
    }

    /** Hands over what the node has, when that changed; any thread, never waits. */
    public void offer(Inventory inventory) {
        outgoing.offer(inventory);
    }

    /** @return acknowledgements that the broker has */
    public long sent() {
        return sent.get();
    }

    /** @return acknowledgements that a newer one replaced before they could be sent */
    public long dropped() {
        return outgoing.replaced();
    }

    /** @return acknowledgements that were given up after the delivery timeout */
    public long failed() {
        return failed.get();
    }

    private void run() {
        try {
            Optional<KafkaProducer<String, byte[]>> producer =
                    inventoryTopic.await() && ackTopic.await() ? connect() : Optional.empty();
            if (producer.isPresent()) {
                follow(producer.get());
                producer.get().close(CLOSE);
            }
        } catch (InterruptedException unexpected) {
            LOG.error("interrupted; acknowledgements and inventory are no longer sent");
        }
    }

    private Optional<KafkaProducer<String, byte[]>> connect() throws InterruptedException {
        while (!ending()) {
            try {
                return Optional.of(new KafkaProducer<>(
                        LinkConfig.tellingProducer(kafka, node), new StringSerializer(), new ByteArraySerializer()));
            } catch (KafkaException unable) {
                trouble(unable);
                pause();
            }
        }
        return Optional.empty();
    }

    private void follow(KafkaProducer<String, byte[]> producer) throws InterruptedException {
        while (!ending()) {
            if (free.tryAcquire(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                Optional<Outgoing.Word> word = outgoing.take();
                if (word.isEmpty()) {
                    return;
                }
                send(producer, word.get());
            }
        }
    }

    private void send(KafkaProducer<String, byte[]> producer, Outgoing.Word word) throws InterruptedException {
        ProducerRecord<String, byte[]> record = switch (word) {
            case Outgoing.Word.Ack(Applied applied) ->
                new ProducerRecord<>(Topics.ACK, node, AckCodec.encode(node, applied));
            case Outgoing.Word.Has(Inventory inventory) ->
                new ProducerRecord<>(Topics.INVENTORY, node, AckCodec.encode(inventory));
        };
        try {
            producer.send(record, (metadata, failure) -> done(word, failure));
        } catch (KafkaException failure) {
            done(word, failure);
            pause();
        }
    }

    private void done(Outgoing.Word word, @Nullable Exception failure) {
        boolean ack = word instanceof Outgoing.Word.Ack;
        if (failure == null) {
            if (ack) {
                sent.incrementAndGet();
            }
            if (troubled) {
                troubled = false;
                LOG.info("acknowledgements are delivered to {} again", kafka.bootstrapServers());
            }
        } else {
            if (ack) {
                failed.incrementAndGet();
            } else {
                outgoing.inventoryFailed();
            }
            trouble(failure);
        }
        free.release();
    }

    private void trouble(Exception failure) {
        if (!troubled && !ending()) {
            troubled = true;
            String said = KafkaRefusal.of(failure, kafka, "--node " + node)
                    .map(refusal -> refusal.problem() + "; " + refusal.fix())
                    .orElseGet(() -> String.valueOf(failure.getMessage()));
            LOG.warn(
                    "acknowledgements can't be delivered to {} ({}); tried again for ever",
                    kafka.bootstrapServers(),
                    said);
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

    @Override
    public void close() {
        end.countDown();
        inventoryTopic.end();
        ackTopic.end();
        outgoing.close();
        try {
            thread.join(Duration.ofSeconds(3));
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
