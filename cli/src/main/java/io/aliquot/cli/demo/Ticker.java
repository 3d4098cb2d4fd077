package io.aliquot.cli.demo;

import java.util.concurrent.TimeUnit;

/** Has something drawn once a second. One thread. */
final class Ticker {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final Drawing drawing;
    private long lastNs = System.nanoTime();

    /** Draws what happened from one moment to another, {@link System#nanoTime()}. */
    interface Drawing {
        void draw(long fromNs, long toNs);
    }

    Ticker(Drawing drawing) {
        this.drawing = drawing;
    }

    long dueInNs() {
        return Math.max(1, lastNs + SECOND_NS - System.nanoTime());
    }

    void drawWhenDue() {
        long nowNs = System.nanoTime();
        if (nowNs - lastNs >= SECOND_NS) {
            drawing.draw(lastNs, nowNs);
            lastNs = nowNs;
        }
    }
}
