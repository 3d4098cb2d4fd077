package io.aliquot.controller.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** The hops of telemetry up to the tick that takes it. Any thread. */
final class TelemetryMeters {
    private final Counter received;
    private final Counter dropped;
    private final Timer toBroker;
    private final Timer toReader;
    private final Timer waited;

    TelemetryMeters(MeterRegistry meters) {
        this.received = meters.counter("aliquot.controller.telemetry.records");
        this.dropped = meters.counter("aliquot.controller.telemetry.dropped");
        this.toBroker = meters.timer("aliquot.controller.telemetry.age", "at", "broker");
        this.toReader = meters.timer("aliquot.controller.telemetry.age", "at", "controller");
        this.waited = meters.timer("aliquot.controller.telemetry.wait");
    }

    /**
     * A record was read.
     *
     * @param sampledAtUnixMs by the node's clock
     * @param appendedAtUnixMs by the broker's clock
     * @param nowUnixMs by this machine's clock
     */
    void read(long sampledAtUnixMs, long appendedAtUnixMs, long nowUnixMs) {
        received.increment();
        toBroker.record(Math.max(0, appendedAtUnixMs - sampledAtUnixMs), TimeUnit.MILLISECONDS);
        toReader.record(Math.max(0, nowUnixMs - sampledAtUnixMs), TimeUnit.MILLISECONDS);
    }

    /** A record was read together with a newer one of its node, and left alone. */
    void overtaken() {
        received.increment();
        dropped.increment();
    }

    /** A record was read that is none. */
    void unreadable() {
        received.increment();
    }

    void dropped(long records) {
        dropped.increment((double) records);
    }

    /** A tick took a report that had been read so long ago. */
    void taken(long waitedNs) {
        waited.record(waitedNs, TimeUnit.NANOSECONDS);
    }
}
