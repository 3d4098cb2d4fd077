package io.aliquot.cli.stack;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.QuotaRequest;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Asks for quotas through Kafka, as any permitted program may. Any thread. */
public final class QuotaSender implements AutoCloseable {
    private static final int PATIENCE_MS = 5000;

    private final Producer<String, byte[]> producer;
    private final String requestedBy;

    /** @param requestedBy kept in the audit */
    public QuotaSender(KafkaAccess kafka, String requestedBy) {
        Map<String, Object> config = kafka.client();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-cli");
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MS);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS / 2);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        this.requestedBy = requestedBy;
    }

    /** Asks for a weight; the rest stays as it is. Returns when the broker has the request. */
    public void weight(String tenant, int weight) {
        send(request(tenant).setWeight(weight).build());
    }

    /** Asks for a weight and a limit of memory. Returns when the broker has the request. */
    public void weightAndMemory(String tenant, int weight, long memoryLimitBytes) {
        send(request(tenant)
                .setWeight(weight)
                .setMemoryLimitBytes(memoryLimitBytes)
                .build());
    }

    private QuotaRequest.Builder request(String tenant) {
        return QuotaRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setTenant(tenant)
                .setRequestedBy(requestedBy)
                .setRequestedAtUnixMs(System.currentTimeMillis());
    }

    private void send(QuotaRequest request) {
        try {
            producer.send(new ProducerRecord<>(Topics.QUOTA_REQUEST, request.getTenant(), request.toByteArray()))
                    .get();
        } catch (ExecutionException e) {
            throw CommandException.unavailable(
                    "the broker did not take the quota of tenant " + request.getTenant() + ": " + e.getCause(),
                    "check the broker",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandException.unavailable("interrupted", "", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofMillis(PATIENCE_MS));
    }
}
