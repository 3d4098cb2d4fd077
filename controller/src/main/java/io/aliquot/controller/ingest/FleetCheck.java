package io.aliquot.controller.ingest;

import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.InventoryGpu;
import io.aliquot.schema.v1.NodeInventory;

/** Values that no agent says of what it has and has applied: a number that does not fit, texts without end. Pure. */
final class FleetCheck {
    private static final int MOST_TEXT = 1024;
    private static final int MOST_ENTRIES = 64;

    private FleetCheck() {}

    /** @throws IllegalArgumentException naming the first value that can't be, and what would be right */
    static void check(DecisionAck message) {
        Fence applied = message.getApplied();
        text("node", message.getNode());
        text("lease topic's id", applied.getLeaseTopicId());
        notNegative("term", applied.getTerm());
        notNegative("sequence", applied.getSequence());
        notNegative("sampleSequence", message.getSampleSequence());
        notNegative("sampleToAppliedUs", message.getSampleToAppliedUs());
        notNegative("readToAppliedUs", message.getReadToAppliedUs());
    }

    /** @throws IllegalArgumentException naming the first value that can't be, and what would be right */
    static void check(NodeInventory message) {
        text("node", message.getNode());
        text("agentVersion", message.getAgentVersion());
        text("driverVersion", message.getDriverVersion());
        most("labels", message.getLabelsCount());
        message.getLabelsMap().forEach((key, value) -> {
            text("label's key", key);
            text("label's value", value);
        });
        most("GPUs", message.getGpusCount());
        message.getGpusList().forEach(FleetCheck::check);
    }

    private static void check(InventoryGpu gpu) {
        text("GPU uuid", gpu.getUuid());
        text("GPU's name", gpu.getName());
        text("GPU's fault", gpu.getFault());
        notNegative("memoryTotalBytes", gpu.getMemoryTotalBytes());
    }

    private static void text(String what, String value) {
        if (value.length() > MOST_TEXT) {
            throw new IllegalArgumentException(
                    what + " of " + value.length() + " characters: expected at most " + MOST_TEXT);
        }
    }

    /** Unsigned numbers of 64 bits that don't fit a long are negative here. */
    private static void notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " " + value + ": expected 0 or more");
        }
    }

    private static void most(String what, int count) {
        if (count > MOST_ENTRIES) {
            throw new IllegalArgumentException(what + " " + count + ": expected at most " + MOST_ENTRIES);
        }
    }
}
