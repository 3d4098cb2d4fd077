package io.aliquot.cli.bus;

import java.util.Arrays;
import java.util.Locale;

/** Lengths of ways, microseconds. Any thread. */
final class Latencies {
    private static final double US_PER_MS = 1000;

    private long[] values = new long[1024];
    private int count;

    synchronized void add(long us) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = us;
    }

    synchronized void clear() {
        count = 0;
    }

    synchronized int count() {
        return count;
    }

    /** The length that a part of them does not exceed, in ms; NaN without any. */
    synchronized double ms(double part) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, (int) (part * count))] / US_PER_MS;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "p50 %.1f ms, p99 %.1f ms, longest %.1f ms of %d", ms(0.5), ms(0.99), ms(1), count());
    }
}
