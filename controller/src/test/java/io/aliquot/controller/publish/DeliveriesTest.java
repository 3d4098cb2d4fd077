package io.aliquot.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.Delivery;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.NodeState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Deliveries deliveries = new Deliveries(meters);

    @Test
    void aDecisionWaitsUntilItOrALaterOneIsAcknowledged() {
        deliveries.sent("n", fence(1, 5), 100);
        deliveries.sent("n", fence(1, 9), 200);
        deliveries.sent("n", fence(2, 1), 300);
        assertThat(of("n").waiting()).extracting(Delivery.Sent::atMs).containsExactly(100L, 200L, 300L);

        deliveries.acknowledged(ack(fence(1, 9)), 310);
        assertThat(of("n").waiting()).extracting(Delivery.Sent::fence).containsExactly(fence(2, 1));
        assertThat(of("n").acknowledgedAtMs()).isEqualTo(310);
        assertThat(meters.timer("aliquot.controller.decision.delivery").totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(110); // of the one that was acknowledged

        deliveries.acknowledged(ack(fence(2, 1)), 320);
        assertThat(of("n").waiting()).isEmpty();
        assertThat(of("n").sent()).contains(new Delivery.Sent(fence(2, 1), 300));
    }

    @Test
    void anAcknowledgementOfAnotherLeaseTopicSaysNothing() {
        deliveries.sent("n", fence(1, 5), 100);
        deliveries.acknowledged(ack(new Fence("before", 9, 9)), 110);
        assertThat(of("n").waiting()).hasSize(1);
    }

    @Test
    void aNodeMayBeFasterThanTheBrokersAnswer() {
        deliveries.acknowledged(ack(fence(1, 5)), 99);
        deliveries.sent("n", fence(1, 5), 100);
        assertThat(of("n").waiting()).isEmpty();
    }

    @Test
    void ofANodeThatAcknowledgesNothingTheOldestAndTheLastAreKept() {
        for (int i = 1; i <= 1000; i++) {
            deliveries.sent("n", fence(1, i), i);
        }
        assertThat(of("n").waiting()).hasSize(Deliveries.MOST_WAITING);
        assertThat(of("n").waiting().getFirst().atMs()).isEqualTo(1);
        assertThat(of("n").waiting().getLast().atMs()).isEqualTo(1000);
        assertThat(of("n").notInForce(Optional.of(fence(1, 999))))
                .extracting(Delivery.Sent::fence)
                .containsExactly(fence(1, 1000));
        assertThat(of("n").notInForce(Optional.of(fence(2, 1)))).isEmpty();
    }

    @Test
    void aNodeIsBehindWhenItMissedTwoRepetitionsAndReports() {
        deliveries.sent("n", fence(1, 5), 100);
        assertThat(behind(Optional.empty(), 100 + Deliveries.BEHIND_MS)).isZero();
        assertThat(behind(Optional.empty(), 101 + Deliveries.BEHIND_MS)).isEqualTo(1);
        assertThat(behind(Optional.of(fence(1, 4)), 10_000)).isEqualTo(1);
        assertThat(behind(Optional.of(fence(1, 5)), 10_000)).isZero();
        assertThat(deliveries.behind(Map.of(), 10_000)).isZero();
    }

    private int behind(Optional<Fence> reported, long nowMs) {
        NodeReport report = new NodeReport("n", 1, 0, 1, List.of(), Map.of(), reported);
        return deliveries.behind(Map.of("n", new NodeState(report, 0, false, Map.of())), nowMs);
    }

    @Test
    void forgetsNodesThatAreGone() {
        deliveries.sent("gone", fence(1, 1), 0);
        deliveries.sent("n", fence(1, 2), 1);
        deliveries.sent("n", fence(1, 3), Deliveries.FORGOTTEN_MS + 1);
        assertThat(deliveries.all()).containsOnlyKeys("n");
    }

    private Delivery of(String node) {
        return deliveries.all().getOrDefault(node, Delivery.NONE);
    }

    private static Fence fence(long term, long sequence) {
        return new Fence("lease", term, sequence);
    }

    private static NodeAck ack(Fence applied) {
        return new NodeAck("n", applied, 0, 0, OptionalLong.empty(), 1);
    }
}
