package io.aliquot.controller.publish;

import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
 * Sends decisions on a thread of its own. Each node has a slot that holds its newest decision; one is under way per node, and
 * what waits behind it is replaced, never queued. So a broker that is away delays nobody and builds up nothing. A decision that
 * could not be sent is dropped: the next one tells the same or better; so is one that may no longer be sent. The key, a node, says
 * which partition it is in ({@link io.aliquot.schema.NodeBuckets}). {@link #offer} from any thread, never blocks.
 */
public final class DecisionSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionSender.class);
    private static final int REQUEST_TIMEOUT_MS = 2000;
    private static final int DELIVERY_TIMEOUT_MS = 4000;

    /** How soon the sender hears that the decisions have more partitions. */
    private static final int METADATA_MS = 10_000;

    private final BooleanSupplier maySend;
    private final Consumer<PlannedDecision> sent;
    private final Producer<String, byte[]> producer;
    private final Thread thread =
            Thread.ofPlatform().name("aliquot-publish").daemon(true).unstarted(this::run);
    private final Counter published;
    private final Counter replaced;
    private final Counter failed;

    private final Timer wait;

    private record Offered(PlannedDecision decision, long atNs) {}

    private final Object lock = new Object();
    private final Map<String, Offered> slots = new LinkedHashMap<>();
    private final Set<String> underWay = new HashSet<>();
    private boolean closed;

    /**
     * @param maySend asked before each decision: whether this controller is the active one
     * @param sent told of each that the broker has, on the client's thread
     */
    public DecisionSender(
            KafkaAccess kafka, MeterRegistry meters, BooleanSupplier maySend, Consumer<PlannedDecision> sent) {
        this.sent = sent;
        this.maySend = maySend;
        this.published = meters.counter("aliquot.controller.decisions.published");
        this.replaced = meters.counter("aliquot.controller.decisions.replaced");
        this.failed = meters.counter("aliquot.controller.decisions.failed");
        this.wait = meters.timer("aliquot.controller.decision.send");
        Map<String, Object> properties = kafka.client();
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-controller-publish");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        properties.putIfAbsent(ProducerConfig.METADATA_MAX_AGE_CONFIG, METADATA_MS); // the operator may have chosen one
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /** Starts the sending thread. */
    public void start() {
        thread.start();
    }

    /** Puts the node's newest decision into its slot. */
    public void offer(PlannedDecision decision) {
        long nowNs = System.nanoTime();
        synchronized (lock) {
            if (slots.put(decision.plan().node(), new Offered(decision, nowNs)) != null) {
                replaced.increment();
            }
            lock.notifyAll();
        }
    }

    private void run() {
        try {
            for (List<Offered> ready = take(); !ready.isEmpty(); ready = take()) {
                ready.forEach(this::send);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for decisions of nodes with nothing under way; empty when closed. */
    private List<Offered> take() throws InterruptedException {
        synchronized (lock) {
            while (!closed) {
                List<Offered> ready = new ArrayList<>();
                slots.values().removeIf(offered -> {
                    boolean free = underWay.add(offered.decision().plan().node());
                    return free && ready.add(offered);
                });
                if (!ready.isEmpty()) {
                    return ready;
                }
                lock.wait();
            }
            return List.of();
        }
    }

    private void send(Offered offered) {
        PlannedDecision decision = offered.decision();
        String node = decision.plan().node();
        if (!maySend.getAsBoolean()) {
            done(offered, new IllegalStateException("this controller is not the active one"));
            return;
        }
        try {
            producer.send(
                    new ProducerRecord<>(Topics.DECISION, node, decision.toBytes()),
                    (metadata, error) -> done(offered, error));
        } catch (KafkaException | IllegalStateException e) {
            done(offered, e);
        }
    }

    private void done(Offered offered, @org.jspecify.annotations.Nullable Exception error) {
        PlannedDecision decision = offered.decision();
        String node = decision.plan().node();
        if (error == null) {
            published.increment();
            wait.record(System.nanoTime() - offered.atNs(), TimeUnit.NANOSECONDS);
            sent.accept(decision);
        } else {
            failed.increment();
            LOG.debug("decision for {} not sent: {}", node, error.getMessage());
        }
        synchronized (lock) {
            underWay.remove(node);
            lock.notifyAll();
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        producer.close(Duration.ofMillis(REQUEST_TIMEOUT_MS));
    }
}
