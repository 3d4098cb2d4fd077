package io.aliquot.controller.ingest;

import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;

/**
 * Values that no agent says: a wrong unit, a number that does not fit, texts without end. Whether the times of an interval are
 * believed is the accounts' to say. Pure.
 */
final class TelemetryCheck {
    private static final int MOST_TEXT = 255;
    private static final int MOST_GPUS = 64;
    private static final int MOST_LABELS = 64;
    private static final int MOST_TENANTS = 1024;
    private static final int WHOLE_PERMILLE = 1000;

    private TelemetryCheck() {}

    /** @throws IllegalArgumentException naming the first value that can't be, and what would be right */
    static void check(Telemetry message) {
        text("node", message.getNode());
        notNegative("sequence", message.getSequence());
        most("GPUs", message.getGpusCount(), MOST_GPUS);
        most("labels", message.getLabelsCount(), MOST_LABELS);
        message.getLabelsMap().forEach((key, value) -> {
            most("characters of a label's key", key.length(), MOST_TEXT);
            most("characters of a label's value", value.length(), MOST_TEXT);
        });
        if (message.hasApplied()) {
            most(
                    "characters of a lease topic's id",
                    message.getApplied().getLeaseTopicId().length(),
                    MOST_TEXT);
            notNegative("term", message.getApplied().getTerm());
            notNegative("sequence of the decision", message.getApplied().getSequence());
        }
        message.getGpusList().forEach(TelemetryCheck::check);
    }

    private static void check(GpuSample gpu) {
        text("GPU uuid", gpu.getUuid());
        most("characters of a GPU's name", gpu.getName().length(), MOST_TEXT);
        notNegative("memoryTotalBytes", gpu.getMemoryTotalBytes());
        notNegative("memoryUsedBytes", gpu.getMemoryUsedBytes());
        most("tenants of a GPU", gpu.getTenantsCount(), MOST_TENANTS);
        gpu.getTenantsList().forEach(TelemetryCheck::check);
    }

    private static void check(TenantSample tenant) {
        text("tenant", tenant.getTenant());
        notNegative("processes", tenant.getProcesses());
        notNegative("gpuNs", tenant.getGpuNs());
        notNegative("waitedNs", tenant.getWaitedNs());
        notNegative("blockedPermille", tenant.getBlockedPermille());
        most("blockedPermille", tenant.getBlockedPermille(), WHOLE_PERMILLE);
        notNegative("memoryUsedBytes", tenant.getMemoryUsedBytes());
        notNegative("memoryLimitBytes", tenant.getMemoryLimitBytes());
        notNegative("anomalies", tenant.getAnomalies());
        notNegative("quotaVersion", tenant.getQuotaVersion());
    }

    private static void text(String what, String value) {
        if (value.isEmpty() || value.length() > MOST_TEXT) {
            throw new IllegalArgumentException(
                    "telemetry: " + what + " of " + value.length() + " characters: expected 1 to " + MOST_TEXT);
        }
    }

    /** Unsigned numbers of 64 bits that don't fit a long are negative here. */
    private static void notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("telemetry: " + what + " " + value + ": expected 0 or more");
        }
    }

    private static void most(String what, long value, long most) {
        if (value > most) {
            throw new IllegalArgumentException("telemetry: " + what + " " + value + ": expected at most " + most);
        }
    }
}
