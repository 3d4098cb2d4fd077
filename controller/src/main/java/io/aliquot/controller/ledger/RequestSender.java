package io.aliquot.controller.ledger;

import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Puts requests of the API into the request topic, like any other program would. Any thread. */
public final class RequestSender implements AutoCloseable {
    private static final int REQUEST_TIMEOUT_MS = 2000;

    private final Producer<String, byte[]> producer;

    /** @param timeout after this a request that could not be sent is given up */
    public RequestSender(KafkaAccess kafka, Duration timeout) {
        Map<String, Object> properties = kafka.client();
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-controller-api");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout.toMillis());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Sends a request; may block for metadata while the broker is away.
     *
     * @return fails when the request was not stored
     * @throws IllegalArgumentException when a value can't be put into a message
     */
    public CompletableFuture<Void> send(QuotaRequest request) {
        byte[] message = ToProto.request(request).toByteArray();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        producer.send(new ProducerRecord<>(Topics.QUOTA_REQUEST, request.tenant(), message), (metadata, error) -> {
            if (error == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(error);
            }
        });
        return sent;
    }

    @Override
    public void close() {
        producer.close(Duration.ofMillis(REQUEST_TIMEOUT_MS));
    }
}
