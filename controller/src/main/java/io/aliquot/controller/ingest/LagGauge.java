package io.aliquot.controller.ingest;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** How far a reader is behind the broker, in records. */
final class LagGauge {
    private static final String NAME = "aliquot.controller.lag.records";

    private LagGauge() {}

    /** Of this reader, instead of one of the same topic that was closed. */
    static void watch(MeterRegistry meters, String topic, PolledReader reader) {
        Gauge before = meters.find(NAME).tag("topic", topic).gauge();
        if (before != null) {
            meters.remove(before);
        }
        Gauge.builder(NAME, reader, PolledReader::lag).tag("topic", topic).register(meters);
    }
}
