package io.aliquot.controller.keeper;

import io.aliquot.controller.lease.LeaseEntry;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes to the lease topic. Neither transactional nor idempotent: by the rule a record that comes twice or late changes nothing,
 * and nothing else may hold up a heartbeat. One thread.
 */
final class LeaseVoice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseVoice.class);
    private static final int BLOCK_MS = 500;
    private static final int REQUEST_TIMEOUT_MS = 1000;
    private static final int DELIVERY_TIMEOUT_MS = 1500;

    private final Producer<String, byte[]> producer;
    private final String holder;
    private final Queue<LeaseEntry> failed = new ConcurrentLinkedQueue<>();
    private volatile boolean warned;

    LeaseVoice(KafkaAccess kafka, String holder) {
        this.holder = holder;
        Map<String, Object> properties = kafka.client();
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-controller-lease");
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, BLOCK_MS);
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /** Sends it; may wait half a second for a broker that is away. */
    void say(LeaseEntry entry) {
        byte[] value = LeaseCodec.encode(entry, holder, System.currentTimeMillis());
        try {
            producer.send(new ProducerRecord<>(Topics.LEASE, 0, Topics.LEASE_KEY, value), (metadata, error) -> {
                if (error == null) {
                    warned = false;
                } else {
                    failed(entry, error);
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            failed(entry, e);
        }
    }

    /** What could not be sent since the last time. */
    List<LeaseEntry> takeFailed() {
        List<LeaseEntry> all = new ArrayList<>();
        for (LeaseEntry next = failed.poll(); next != null; next = failed.poll()) {
            all.add(next);
        }
        return all;
    }

    private void failed(LeaseEntry entry, Exception error) {
        failed.add(entry);
        LOG.atLevel(warned ? Level.DEBUG : Level.WARN)
                .log(
                        "{} {} of the lease was not sent: {} (once until one is sent again)",
                        entry.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                        entry.number(),
                        error.getMessage());
        warned = true;
    }

    /** Sends what is under way, for a second and a half at most. */
    @Override
    public void close() {
        producer.close(Duration.ofMillis(DELIVERY_TIMEOUT_MS));
    }
}
