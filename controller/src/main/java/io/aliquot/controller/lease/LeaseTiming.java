package io.aliquot.controller.lease;

import java.time.Duration;

/**
 * How long things take. All candidates must have the same expiry.
 *
 * @param heartbeat how often the holder says that it lives
 * @param expiry how long the lease lasts after the holder's last record, by the broker's clock
 * @param margin how much sooner the holder stops by its own clock: it covers what two clocks may differ in one expiry
 */
public record LeaseTiming(Duration heartbeat, Duration expiry, Duration margin) {
    /** Two heartbeats may be lost; another is active in less than three seconds. */
    public static final LeaseTiming STANDARD =
            new LeaseTiming(Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofMillis(500));

    /** @throws IllegalArgumentException when no heartbeat comes in time, or a duration is not above zero */
    public LeaseTiming {
        if (!heartbeat.isPositive() || !margin.isPositive()) {
            throw new IllegalArgumentException(
                    "heartbeat " + heartbeat + ", margin " + margin + ": both must be above zero");
        }
        if (heartbeat.compareTo(expiry.minus(margin)) >= 0) {
            throw new IllegalArgumentException("heartbeat " + heartbeat + ": expected less than the expiry " + expiry
                    + " less the margin " + margin);
        }
    }

    /** How long a holder may act after it sent a record that was accepted. */
    Duration validity() {
        return expiry.minus(margin);
    }
}
