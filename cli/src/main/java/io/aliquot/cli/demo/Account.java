package io.aliquot.cli.demo;

/**
 * A tenant over the whole play, with the time in which phases settle. GPU-seconds.
 *
 * @param gpus on which it has programs
 * @param workedGpuSeconds as its programs measured
 * @param reportedGpuSeconds as the ledger's report says
 */
record Account(String tenant, int gpus, double workedGpuSeconds, double reportedGpuSeconds) {
    /** What the report says too much. */
    double offGpuSeconds() {
        return reportedGpuSeconds - workedGpuSeconds;
    }

    /** The same as a part of the time of its GPUs, permille. */
    double offPermille(double seconds) {
        return offGpuSeconds() * 1000 / (seconds * gpus);
    }
}
