package io.aliquot.controller.app;

import io.aliquot.controller.ingest.Cluster;
import java.time.Duration;

/** Asks the broker once a second whether it is there, on a thread of its own. */
final class BrokerWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Cluster cluster;
    private final Thread thread =
            Thread.ofPlatform().name("aliquot-broker-watch").daemon(true).unstarted(this::run);
    private volatile boolean reachable = true;

    /** @param cluster was reachable a moment ago */
    BrokerWatch(Cluster cluster) {
        this.cluster = cluster;
    }

    void start() {
        thread.start();
    }

    /** Whether the last question was answered. Any thread. */
    boolean reachable() {
        return reachable;
    }

    private void run() {
        try {
            while (true) {
                reachable = cluster.reachable();
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
