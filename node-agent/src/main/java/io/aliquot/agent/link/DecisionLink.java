package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import io.aliquot.schema.NodeBuckets;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import io.aliquot.schema.kafka.PoisonShelf;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads this node's decisions on a thread of its own, "aliquot-decisions": its bucket's partition from the beginning, then live,
 * and another one when the topic's partitions become more.
 * The sink is called on that thread, first with the newest decision of the log, then with each as it comes. Without a
 * broker or a topic it tries again for ever and says so once.
 */
public final class DecisionLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionLink.class);
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration CLOSE = Duration.ofMillis(500);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final KafkaAccess kafka;
    private final String node;
    private final Consumer<List<Decision>> sink;
    private final PoisonShelf shelf;
    private final DecisionReader reader;
    private final Thread thread;
    private volatile boolean brokerReached;
    private volatile @Nullable KafkaRefusal refusal;
    private volatile boolean caughtUp;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable KafkaConsumer<String, byte[]> following;
    private String trouble = "";

    private DecisionLink(KafkaAccess kafka, String node, Consumer<List<Decision>> sink) {
        this.kafka = kafka;
        this.node = node;
        this.sink = sink;
        this.shelf = new PoisonShelf(kafka, "agent " + node, LOG::warn);
        this.reader = new DecisionReader(node, shelf);
        this.thread = Thread.ofPlatform().name("aliquot-decisions").daemon().unstarted(this::run);
    }

    /**
     * Starts the thread; the broker need not be there yet.
     *
     * @param sink takes decisions for this node in the log's order; what it throws is logged and the next is read
     */
    public static DecisionLink start(KafkaAccess kafka, String node, Consumer<List<Decision>> sink) {
        DecisionLink link = new DecisionLink(kafka, node, sink);
        link.thread.start();
        return link;
    }

    /** @return whether a broker has answered since the start */
    public boolean brokerReached() {
        return brokerReached;
    }

    /** @return why the broker lets this agent read no decisions, while it does not */
    public Optional<KafkaRefusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** @return whether all decisions that were in the log at the start have been read */
    public boolean caughtUp() {
        return caughtUp;
    }

    /** @return records that were no decision, or one with a value that can't be */
    public long malformed() {
        return reader.malformed();
    }

    /** @return records of other nodes in the same partition */
    public long neighbours() {
        return reader.neighbours();
    }

    private void run() {
        while (!ending()) {
            try {
                KafkaConsumer<String, byte[]> consumer = connect();
                try {
                    while (true) {
                        follow(consumer, awaitPartitions(consumer));
                    }
                } finally {
                    following = null;
                    consumer.close(CloseOptions.timeout(CLOSE));
                }
            } catch (WakeupException end) {
                LOG.debug("ending");
            } catch (KafkaException unable) {
                caughtUp = false;
                refusal = KafkaRefusal.of(unable, kafka, "--node " + node).orElse(null);
                sayOnce(
                        refusal == null
                                ? String.valueOf(unable.getMessage())
                                : refusal.problem() + "; " + refusal.fix());
                pause();
            }
        }
    }

    private KafkaConsumer<String, byte[]> connect() {
        KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                LinkConfig.consumer(kafka, node), new StringDeserializer(), new ByteArrayDeserializer());
        following = consumer;
        return consumer;
    }

    /** Returns when the topic has another number of partitions. */
    private void follow(KafkaConsumer<String, byte[]> consumer, int partitions) {
        TopicPartition partition = new TopicPartition(Topics.DECISION, NodeBuckets.of(node, partitions));
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long already = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        CatchUp before = new CatchUp();
        while (consumer.position(partition) < already) {
            reader.decisions(consumer.poll(POLL)).forEach(before::add);
            checkEnding();
        }
        before.newest().ifPresent(newest -> deliver(List.of(newest)));
        caughtUp = true;
        LOG.info("following the decisions of node {} in {} of {}", node, partition, partitions);
        while (partitionsNow(consumer, partitions) == partitions) {
            List<Decision> decisions = reader.decisions(consumer.poll(POLL));
            if (!decisions.isEmpty()) {
                deliver(decisions);
            }
            checkEnding();
        }
    }

    /** As the client last heard, {@value LinkConfig#METADATA_MS} ms ago at most; this asks nobody. */
    private static int partitionsNow(KafkaConsumer<String, byte[]> consumer, int before) {
        int now = consumer.partitionsFor(Topics.DECISION).size();
        return now == 0 ? before : now;
    }

    private int awaitPartitions(KafkaConsumer<String, byte[]> consumer) {
        while (true) {
            checkEnding();
            try {
                List<PartitionInfo> partitions = consumer.partitionsFor(Topics.DECISION);
                brokerReached = true;
                refusal = null;
                if (!partitions.isEmpty()) {
                    return partitions.size();
                }
                sayOnce(TopicWait.missing(Topics.DECISION, kafka.bootstrapServers()));
            } catch (TimeoutException absent) {
                sayOnce("no broker answers at " + kafka.bootstrapServers());
            }
            pause();
        }
    }

    private void deliver(List<Decision> decisions) {
        try {
            sink.accept(decisions);
        } catch (RuntimeException failure) {
            LOG.error("a decision could not be handled; the next one is read", failure);
        }
    }

    private void checkEnding() {
        if (ending()) {
            throw new WakeupException();
        }
    }

    private void sayOnce(String now) {
        if (!now.equals(trouble)) {
            trouble = now;
            LOG.warn("no decisions: {}; tried again for ever", now);
        }
    }

    private boolean ending() {
        return end.getCount() == 0;
    }

    private void pause() {
        try {
            if (end.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("ending");
            }
        } catch (InterruptedException unexpected) {
            end.countDown();
        }
    }

    @Override
    public void close() {
        end.countDown();
        KafkaConsumer<String, byte[]> consumer = following;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            thread.join(Duration.ofSeconds(3));
            shelf.close();
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
