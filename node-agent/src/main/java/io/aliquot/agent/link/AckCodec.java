package io.aliquot.agent.link;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.Inventory;
import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.InventoryGpu;
import io.aliquot.schema.v1.NodeInventory;
import java.time.Duration;

/** From the model to ack.proto and inventory.proto. Pure. */
final class AckCodec {
    private AckCodec() {}

    static byte[] encode(String node, Applied applied) {
        DecisionAck.Builder ack = DecisionAck.newBuilder()
                .setNode(node)
                .setApplied(DecisionCodec.fence(applied.fence()))
                .setAppliedAtUnixMs(applied.atUnixMs())
                .setReadToAppliedUs(micros(applied.readToApplied()));
        applied.answers().ifPresent(sample -> ack.setSampleSequence(sample.sequence()));
        applied.sampleToApplied().ifPresent(way -> ack.setSampleToAppliedUs(micros(way)));
        return ack.build().toByteArray();
    }

    private static long micros(Duration length) {
        return Math.max(1, length.toNanos() / 1000);
    }

    static byte[] encode(Inventory inventory) {
        NodeInventory.Builder message = NodeInventory.newBuilder()
                .setNode(inventory.node())
                .setAgentVersion(inventory.agentVersion())
                .setDriverVersion(inventory.driverVersion())
                .setAgentStartedAtUnixMs(inventory.startedAtUnixMs())
                .putAllLabels(inventory.labels().map());
        for (GpuInfo gpu : inventory.gpus()) {
            message.addGpus(InventoryGpu.newBuilder()
                    .setUuid(gpu.uuid())
                    .setName(gpu.name())
                    .setMemoryTotalBytes(gpu.memoryTotalBytes())
                    .setSimulated(gpu.simulated())
                    .setFault(inventory.faults().getOrDefault(gpu.index(), "")));
        }
        return message.build().toByteArray();
    }
}
