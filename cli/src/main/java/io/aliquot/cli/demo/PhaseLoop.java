package io.aliquot.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Plays phases of equal length, one after another: makes each one's change, lets it settle, and measures until its end. One
 * thread.
 *
 * @param <P> a phase
 * @param <R> what came of it
 */
final class PhaseLoop<P, R> {
    /** The tenants' lines come every 10 ms; what is older than this is complete. */
    static final long LINES_IN_NS = TimeUnit.MILLISECONDS.toNanos(40);

    private static final long WATCH_NS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Runnable watch;
    private final Duration each;
    private final Duration settle;
    private final long begunNs = System.nanoTime();

    /** What a play does in a phase. */
    interface Acts<P, R> {
        /**
         * Makes the change that begins the phase.
         *
         * @param endNs of the phase
         * @return when it was made
         */
        long change(P phase, long endNs) throws InterruptedException;

        /** What to show meanwhile. */
        Ticker.Drawing drawing(P phase);

        /** Begins to measure; the change has settled. */
        Measure<R> measure(P phase, long changedNs, long fromNs);
    }

    /** A measurement under way. */
    interface Measure<R> {
        /** Ends it; the tenants' lines until then may not be in yet. */
        R end(long toNs) throws InterruptedException;
    }

    /**
     * @param watch is called four times a second; may throw, when somebody is gone
     * @param settle left out at the beginning of each phase
     */
    PhaseLoop(Runnable watch, Duration each, Duration settle) {
        this.watch = watch;
        this.each = each;
        this.settle = settle;
    }

    List<R> play(List<P> phases, Acts<P, R> acts) throws InterruptedException {
        List<R> results = new ArrayList<>();
        for (int i = 0; i < phases.size(); i++) {
            P phase = phases.get(i);
            long endNs = begunNs + each.toNanos() * (i + 1);
            long changedNs = acts.change(phase, endNs);
            long fromNs = changedNs + settle.toNanos();
            sleepUntil(fromNs, acts.drawing(phase));
            Measure<R> measure = acts.measure(phase, changedNs, fromNs);
            sleepUntil(endNs, acts.drawing(phase));
            results.add(measure.end(endNs));
        }
        return results;
    }

    /** Waits until the tenants' lines of now are in. */
    static void awaitLines() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(LINES_IN_NS);
    }

    long playedSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNs);
    }

    private void sleepUntil(long untilNs, Ticker.Drawing drawing) throws InterruptedException {
        Ticker ticker = new Ticker(drawing);
        for (long leftNs = untilNs - System.nanoTime(); leftNs > 0; leftNs = untilNs - System.nanoTime()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(Math.min(leftNs, WATCH_NS), ticker.dueInNs()));
            watch.run();
            ticker.drawWhenDue();
        }
    }
}
