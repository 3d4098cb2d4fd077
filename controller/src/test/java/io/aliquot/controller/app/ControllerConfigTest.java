package io.aliquot.controller.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ControllerConfigTest {
    @Test
    void hasSensibleDefaults() {
        ControllerConfig config = ControllerConfig.local("127.0.0.1:9092,broker-2:9092", 0);
        assertThat(config.tick()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.decisionTimeToLive()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void namesTheFieldTheValueAndWhatWouldBeRight() {
        assertThatThrownBy(() -> ControllerConfig.local("localhost", 0))
                .hasMessage("bootstrapServers 'localhost': expected HOST:PORT[,HOST:PORT…]");
        assertThatThrownBy(() -> ControllerConfig.local("localhost:9092", 70_000))
                .hasMessage("httpPort '70000': expected 0 to 65535");
        assertThatThrownBy(() -> new ControllerConfig(
                        KafkaAccess.open("h:1"), "127.0.0.1", 0, "me", Duration.ofMillis(1), Duration.ofSeconds(10)))
                .hasMessage("tick 'PT0.001S': expected 10 ms to 10 s");
        assertThatThrownBy(() -> new ControllerConfig(
                        KafkaAccess.open("h:1"), "127.0.0.1", 0, "me", Duration.ofMillis(100), Duration.ofSeconds(4)))
                .hasMessageStartingWith("decisionTimeToLive 'PT4S': expected above 4 s");
    }
}
