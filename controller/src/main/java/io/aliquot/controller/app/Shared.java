package io.aliquot.controller.app;

import io.aliquot.controller.ingest.Cluster;
import io.aliquot.controller.ingest.MalformedRecords;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.controller.publish.Deliveries;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;

/** What a controller has in either role. */
record Shared(
        ControllerConfig config,
        Clock clock,
        MeterRegistry meters,
        MalformedRecords malformed,
        Cluster cluster,
        TelemetryReader telemetry,
        Deliveries deliveries) {
    KafkaAccess kafka() {
        return config.kafka();
    }
}
