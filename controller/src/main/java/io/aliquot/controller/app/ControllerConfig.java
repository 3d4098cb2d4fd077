package io.aliquot.controller.app;

import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Objects;

/**
 * How a controller is started. Immutable.
 *
 * @param kafka its addresses, and how to log in
 * @param httpHost address that the API listens on
 * @param httpPort port that the API listens on; 0 takes a free one
 * @param holder who claims to be the active controller; for people, in the lease topic
 * @param tick how often telemetry is turned into targets, 10 ms to 10 s
 * @param decisionTimeToLive how long agents take a decision as fresh, above 4 s (decisions are repeated every 2 s)
 * @param guard what keeps strangers from the API; it may be {@link HttpGuard#NONE} on the loopback address alone
 */
public record ControllerConfig(
        KafkaAccess kafka,
        String httpHost,
        int httpPort,
        String holder,
        Duration tick,
        Duration decisionTimeToLive,
        HttpGuard guard) {
    /** How often telemetry is turned into targets, unless told. */
    public static final Duration DEFAULT_TICK = Duration.ofMillis(100);

    /** How long a decision is fresh, unless told: five repetitions. */
    public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofSeconds(10);

    /** @throws IllegalArgumentException naming the field, its value and what would be right */
    public ControllerConfig {
        Objects.requireNonNull(httpHost, "httpHost");
        require(
                KafkaAccess.isAddress(kafka.bootstrapServers()),
                "bootstrapServers",
                kafka.bootstrapServers(),
                "HOST:PORT[,HOST:PORT…]");
        require(!httpHost.isBlank(), "httpHost", httpHost, "an address to listen on, such as 127.0.0.1");
        require(httpPort >= 0 && httpPort <= 65535, "httpPort", httpPort, "0 to 65535");
        require(!holder.isBlank() && holder.length() <= 255, "holder", holder, "1 to 255 characters");
        require(tick.toMillis() >= 10 && tick.toMillis() <= 10_000, "tick", tick, "10 ms to 10 s");
        require(
                decisionTimeToLive.toMillis() > 4000 && decisionTimeToLive.toHours() < 24,
                "decisionTimeToLive",
                decisionTimeToLive,
                "above 4 s and below a day");
        guard.check(httpHost);
    }

    /** On the loopback address, with no guard. */
    public ControllerConfig(
            KafkaAccess kafka,
            String httpHost,
            int httpPort,
            String holder,
            Duration tick,
            Duration decisionTimeToLive) {
        this(kafka, httpHost, httpPort, holder, tick, decisionTimeToLive, HttpGuard.NONE);
    }

    /**
     * A controller on this machine with the default tick and time to live.
     *
     * @param bootstrapServers Kafka's addresses
     * @param httpPort port of the API on 127.0.0.1; 0 takes a free one
     */
    public static ControllerConfig local(String bootstrapServers, int httpPort) {
        String holder = "controller-" + ProcessHandle.current().pid();
        return new ControllerConfig(
                KafkaAccess.open(bootstrapServers), "127.0.0.1", httpPort, holder, DEFAULT_TICK, DEFAULT_TIME_TO_LIVE);
    }

    /** Kafka's addresses, {@code HOST:PORT} separated by commas. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    private static void require(boolean right, String field, Object value, String expected) {
        if (!right) {
            throw new IllegalArgumentException(field + " '" + value + "': expected " + expected);
        }
    }
}
