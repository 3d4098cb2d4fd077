package io.aliquot.agent.link;

import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a topic is there, before a producer is made for it: where a broker creates topics by itself, a producer that asks
 * for one gets one, with the broker's settings and not Aliquot's. Says once what it waits for. One thread; {@link #end} from any.
 */
final class TopicWait {
    private static final Logger LOG = LoggerFactory.getLogger(TopicWait.class);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration CLOSE = Duration.ofMillis(500);

    private final KafkaAccess kafka;
    private final String node;
    private final String what;
    private final Map<String, Object> properties;
    private final String topic;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable KafkaConsumer<String, byte[]> asking;
    private String said = "";

    /** @param what waits for it, for people and for the client's name */
    TopicWait(KafkaAccess kafka, String node, String what, String topic) {
        this.what = what;
        this.kafka = kafka;
        this.node = node;
        this.topic = topic;
        this.properties = new HashMap<>(LinkConfig.consumer(kafka, node));
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "aliquot-agent-" + what + "-topic-" + node);
    }

    /** What to do about a topic that is missing, for people. */
    static String missing(String topic, String bootstrapServers) {
        return "there is no topic " + topic + " at " + bootstrapServers
                + ": start the controller there, which creates it";
    }

    /** @return whether it is there; false when it was ended first */
    boolean await() throws InterruptedException {
        while (end.getCount() > 0) {
            try {
                KafkaConsumer<String, byte[]> consumer =
                        new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
                asking = consumer;
                try {
                    return isThere(consumer);
                } finally {
                    asking = null;
                    consumer.close(CloseOptions.timeout(CLOSE));
                }
            } catch (WakeupException ended) {
                return false;
            } catch (KafkaException unable) {
                sayOnce(KafkaRefusal.of(unable, kafka, "--node " + node)
                        .map(refusal -> refusal.problem() + "; " + refusal.fix())
                        .orElseGet(() -> String.valueOf(unable.getMessage())));
                pause();
            }
        }
        return false;
    }

    private boolean isThere(KafkaConsumer<String, byte[]> consumer) throws InterruptedException {
        while (end.getCount() > 0) {
            try {
                if (!consumer.partitionsFor(topic).isEmpty()) {
                    return true;
                }
                sayOnce(missing(topic, kafka.bootstrapServers()));
            } catch (TimeoutException absent) {
                sayOnce("no broker answers at " + kafka.bootstrapServers());
            }
            pause();
        }
        return false;
    }

    private void sayOnce(String now) {
        if (!now.equals(said)) {
            said = now;
            LOG.warn("{} waits: {}; tried again for ever", what, now);
        }
    }

    private void pause() throws InterruptedException {
        if (end.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("ending");
        }
    }

    /** Makes {@link #await} return. */
    void end() {
        end.countDown();
        KafkaConsumer<String, byte[]> consumer = asking;
        if (consumer != null) {
            consumer.wakeup();
        }
    }
}
