package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.schema.kafka.KafkaAccess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkWithoutBrokerTest {
    @Test
    void takesTheNewestWithoutWaitingAndCountsWhatItDropped() throws Exception {
        try (TelemetryLink link = TelemetryLink.start(KafkaAccess.open(deadAddress()), "n1")) {
            long startNs = System.nanoTime();
            for (int i = 1; i <= 1000; i++) {
                link.offer(new NodeUsage("n1", i, 0, 0, 1, List.of(), NodeLabels.NONE, Optional.empty()));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            assertThat(link.dropped()).isEqualTo(999);
            assertThat(link.sent()).isZero();
            assertThat(link.failed()).isZero();
            assertThat(link.acknowledgedWithin(Duration.ofHours(1), System.nanoTime()))
                    .isFalse();
        }
    }

    @Test
    void waitsForABrokerAndEndsWhenAsked() throws Exception {
        DecisionLink link = DecisionLink.start(KafkaAccess.open(deadAddress()), "n1", decisions -> {});
        Thread.sleep(300);
        assertThat(link.brokerReached()).isFalse();
        assertThat(link.caughtUp()).isFalse();

        long startNs = System.nanoTime();
        link.close();
        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(3));
    }

    private static String deadAddress() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + free.getLocalPort();
        }
    }
}
