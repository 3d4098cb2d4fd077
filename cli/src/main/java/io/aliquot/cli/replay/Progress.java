package io.aliquot.cli.replay;

import java.io.PrintWriter;
import java.time.Duration;

/** Says on a terminal how far a long replay is: from two seconds on, four times a second, in one line. One thread. */
final class Progress implements AutoCloseable {
    private static final long PATIENCE_NS = Duration.ofSeconds(2).toNanos();
    private static final long PERIOD_NS = Duration.ofMillis(250).toNanos();
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean live;
    private long next = System.nanoTime() + PATIENCE_NS;
    private boolean shown;

    Progress(PrintWriter out, boolean live) {
        this.out = out;
        this.live = live;
    }

    /** @param done 0 to 1 */
    void at(double done) {
        if (live && System.nanoTime() - next >= 0) {
            out.printf("%sreplaying: %.0f %%", CLEAR_LINE, 100 * done);
            out.flush();
            shown = true;
            next = System.nanoTime() + PERIOD_NS;
        }
    }

    @Override
    public void close() {
        if (shown) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}
