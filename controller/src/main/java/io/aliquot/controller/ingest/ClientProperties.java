package io.aliquot.controller.ingest;

import io.aliquot.schema.kafka.KafkaAccess;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** How the controller's consumers and its admin client are set up. */
public final class ClientProperties {
    private static final int REQUEST_TIMEOUT_MS = 5000;
    private static final int RECONNECT_MAX_MS = 1000;
    private static final int MAX_POLL_RECORDS = 2000;

    private ClientProperties() {}

    /** What every client of the controller has: it comes back soon after a broker does. */
    static Map<String, Object> common(KafkaAccess kafka, String clientId) {
        Map<String, Object> properties = kafka.client();
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, "aliquot-controller-" + clientId);
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX_MS);
        properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * REQUEST_TIMEOUT_MS);
        return properties;
    }

    /**
     * A consumer with no group: it is told its partitions and commits nothing.
     *
     * @param reset {@code earliest} or {@code latest}: where to go on when the position is not there
     */
    static Consumer<String, byte[]> consumer(KafkaAccess kafka, String clientId, String reset) {
        return consumer(kafka, clientId, reset, ConsumerConfig.DEFAULT_FETCH_MAX_WAIT_MS);
    }

    /**
     * A consumer as above.
     *
     * @param fetchWaitMs how long the broker holds back an empty answer; a consumer that goes from topic to topic waits it out
     */
    public static Consumer<String, byte[]> consumer(KafkaAccess kafka, String clientId, String reset, int fetchWaitMs) {
        Map<String, Object> properties = common(kafka, clientId);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, fetchWaitMs);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, reset);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
    }
}
