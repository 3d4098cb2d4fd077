package io.aliquot.controller.ledger;

import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes the two Kafka clients of the usage ledger. */
interface LedgerClients {
    /** Of the one ledger that writes: a later one shuts out an earlier one. */
    String TRANSACTIONAL_ID = "aliquot-usage-ledger";

    /** How long a call may block. */
    Duration BLOCK = Duration.ofSeconds(10);

    /** Reads committed records of the partitions that it is told; a position that is not there is an error. */
    Consumer<String, byte[]> consumer();

    /** Writes in transactions. */
    Producer<String, byte[]> producer();

    /** Real ones. */
    static LedgerClients of(KafkaAccess kafka) {
        return new LedgerClients() {
            @Override
            public Consumer<String, byte[]> consumer() {
                Map<String, Object> properties = common(kafka);
                properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) BLOCK.toMillis());
                properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
                properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
                properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
                properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
                properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
                return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
            }

            @Override
            public Producer<String, byte[]> producer() {
                Map<String, Object> properties = common(kafka);
                properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
                properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 2 * (int) BLOCK.toMillis());
                properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK.toMillis());
                properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) BLOCK.toMillis());
                properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
                properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
                return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
            }
        };
    }

    private static Map<String, Object> common(KafkaAccess kafka) {
        Map<String, Object> properties = kafka.client();
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, TRANSACTIONAL_ID);
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, (int) BLOCK.toMillis() / 2);
        properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        return properties;
    }
}
