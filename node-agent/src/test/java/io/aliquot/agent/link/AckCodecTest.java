package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.Inventory;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.SampleMark;
import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.NodeInventory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AckCodecTest {
    private static final FenceStamp FENCE = new FenceStamp("L", 3, 4);
    private static final long SECOND = 1_000_000_000;

    @Test
    void tellsHowLongTheWayFromTheSampleWasByTheNodesClock() throws Exception {
        Applied applied = applied(Optional.of(new SampleMark(7, 5_000_000)), 5 * SECOND + 30_000_000);

        assertThat(DecisionAck.parseFrom(AckCodec.encode("n", applied)))
                .isEqualTo(DecisionAck.newBuilder()
                        .setNode("n")
                        .setApplied(DecisionCodec.fence(FENCE))
                        .setAppliedAtUnixMs(99)
                        .setSampleSequence(7)
                        .setSampleToAppliedUs(30_000)
                        .setReadToAppliedUs(2000)
                        .build());
    }

    /** After a restart of the machine its clock begins anew, and what comes back may be of the old one. */
    @Test
    void tellsNoTimeOfASampleOfAnotherClock() throws Exception {
        for (long sampleAtUs : new long[] {5_000_000, -700_000_000}) {
            Applied applied = applied(Optional.of(new SampleMark(7, sampleAtUs)), 4 * SECOND);
            assertThat(applied.sampleToApplied()).isEmpty();
            DecisionAck ack = DecisionAck.parseFrom(AckCodec.encode("n", applied));
            assertThat(ack.getSampleSequence()).isEqualTo(7);
            assertThat(ack.getSampleToAppliedUs()).isZero();
        }
        assertThat(applied(Optional.empty(), SECOND).sampleToApplied()).isEmpty();
        assertThat(applied(Optional.empty(), SECOND).readToApplied()).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void tellsWhatTheNodeHasAndWhatOfItIsLost() throws Exception {
        List<GpuInfo> gpus =
                List.of(new GpuInfo(0, "GPU-a", "H200", 141, false), new GpuInfo(1, "GPU-b", "H200", 141, true));
        Inventory inventory = new Inventory(
                "n", "0.2", "580.95", 17, new NodeLabels(Map.of("zone", "a")), gpus, Map.of(1, "GPU is lost"));

        NodeInventory message = NodeInventory.parseFrom(AckCodec.encode(inventory));

        assertThat(message.getNode()).isEqualTo("n");
        assertThat(message.getAgentVersion()).isEqualTo("0.2");
        assertThat(message.getDriverVersion()).isEqualTo("580.95");
        assertThat(message.getAgentStartedAtUnixMs()).isEqualTo(17);
        assertThat(message.getLabelsMap()).isEqualTo(Map.of("zone", "a"));
        assertThat(message.getGpusList())
                .extracting(gpu -> gpu.getUuid() + gpu.getFault() + gpu.getSimulated())
                .containsExactly("GPU-afalse", "GPU-bGPU is losttrue");
        assertThat(message.getGpus(0).getMemoryTotalBytes()).isEqualTo(141);
    }

    private static Applied applied(Optional<SampleMark> answers, long inForceAtNs) {
        return new Applied(FENCE, answers, 99, inForceAtNs - 2_000_000, inForceAtNs);
    }
}
