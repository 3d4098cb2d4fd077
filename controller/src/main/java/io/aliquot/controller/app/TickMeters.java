package io.aliquot.controller.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * How the control loop keeps its time.
 *
 * @param delay by how much a tick began after it was due
 * @param tick to decide at a tick
 * @param quotas to decide after a change of quotas
 */
record TickMeters(Timer delay, Timer tick, Timer quotas) {
    static TickMeters of(MeterRegistry meters) {
        return new TickMeters(
                meters.timer("aliquot.controller.tick.delay"),
                meters.timer("aliquot.controller.decide", "for", "tick"),
                meters.timer("aliquot.controller.decide", "for", "quotas"));
    }
}
