package io.aliquot.cli.broker;

import io.aliquot.cli.Ports;
import java.nio.file.Path;
import java.util.Map;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The broker of a test: in this process, or in a container where the build says {@code aliquot.test.broker=container}.
 * The image is {@code aliquot.test.kafka.image}. One thread.
 *
 * @param bootstrapServers host:port for Kafka clients
 */
public record TestBroker(String bootstrapServers, Runnable end) implements AutoCloseable {
    /** @param dir of the records of one in this process */
    public static TestBroker start(Path dir) throws BrokerException {
        return inContainer() ? container() : embedded(dir, Ports.free());
    }

    /** One in this process, whatever the build says. */
    public static TestBroker embedded(Path dir, int port) throws BrokerException {
        EmbeddedBroker broker = EmbeddedBroker.start(dir, port);
        return new TestBroker(broker.bootstrapServers(), broker::close);
    }

    static boolean inContainer() {
        return "container".equals(System.getProperty("aliquot.test.broker"));
    }

    private static TestBroker container() {
        DockerImageName image = DockerImageName.parse(System.getProperty("aliquot.test.kafka.image", "apache/kafka"))
                .asCompatibleSubstituteFor("apache/kafka");
        KafkaContainer kafka =
                new KafkaContainer(image).withEnv(Map.of("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")); // as ours
        kafka.start();
        return new TestBroker(kafka.getBootstrapServers(), kafka::stop);
    }

    @Override
    public void close() {
        end.run();
    }
}
