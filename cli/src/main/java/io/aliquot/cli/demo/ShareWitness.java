package io.aliquot.cli.demo;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * What the tenants themselves say they got: the GPU time that their finished kernels are worth, by a known length of each.
 * It comes from no part of Aliquot that decides, holds back or meters, so it is a witness of those.
 *
 * <p>Between two lines of a tenant its GPU time is taken to grow evenly. Times are nanoseconds of CLOCK_MONOTONIC. Any thread.
 */
final class ShareWitness {
    /** Width of the window in which lent time must be seen. */
    static final long LEND_WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Map<String, Series> series = new HashMap<>();

    /** Notes a line of a tenant; one that is not later than the last is left out. */
    synchronized void note(String tenant, long atNs, long gpuNs) {
        series.computeIfAbsent(tenant, name -> new Series()).add(atNs, gpuNs);
    }

    /** GPU time that a tenant got from one moment to another, nanoseconds. */
    synchronized double gpuNs(String tenant, long fromNs, long toNs) {
        Series own = series.get(tenant);
        return own == null ? 0 : own.at(toNs) - own.at(fromNs);
    }

    /** All GPU time that a tenant got by its last line, nanoseconds. */
    synchronized double allGpuNs(String tenant) {
        Series own = series.get(tenant);
        return own == null ? 0 : own.at(Long.MAX_VALUE);
    }

    /** GPU time that several tenants got together, nanoseconds. */
    synchronized double gpuNs(Collection<String> tenants, long fromNs, long toNs) {
        return tenants.stream()
                .mapToDouble(tenant -> gpuNs(tenant, fromNs, toNs))
                .sum();
    }

    /** A tenant's part of what all of them got, permille; 0 when nobody got anything. */
    double achievedPermille(String tenant, Collection<String> all, long fromNs, long toNs) {
        double sum = gpuNs(all, fromNs, toNs);
        return sum == 0 ? 0 : gpuNs(tenant, fromNs, toNs) * 1000 / sum;
    }

    /** The part of the wall time that the GPU worked for these tenants, permille. */
    double busyPermille(Collection<String> tenants, long fromNs, long toNs) {
        return gpuNs(tenants, fromNs, toNs) * 1000 / (toNs - fromNs);
    }

    /**
     * How long after a tenant went idle the others were using its share: until the end of the first window of 10 ms, begun at
     * or after that moment, in which they together got at least nine tenths of what all had together before. The windows
     * begin every millisecond; the result is late by up to the window and the lines' own spacing, never early.
     *
     * @param others who should use it
     * @param idleNs when the tenant's own line said it had nothing left in flight
     * @param busyPermille of the GPU by all of them before
     * @param untilNs where to stop looking
     * @return milliseconds; nothing when they never did
     */
    OptionalDouble lendMs(Collection<String> others, long idleNs, double busyPermille, long untilNs) {
        return reachedMs(others, idleNs, LEND_WINDOW_NS, busyPermille * 0.9, untilNs);
    }

    /**
     * How long until tenants together had a part of a GPU: until the end of the first window, begun at or after a moment, in
     * which they had it. The windows begin every millisecond.
     *
     * @param windowNs length of a window
     * @param permille of the time of one GPU
     * @param untilNs where to stop looking
     * @return milliseconds, at least the window; nothing when they never did
     */
    OptionalDouble reachedMs(Collection<String> tenants, long fromNs, long windowNs, double permille, long untilNs) {
        double wanted = windowNs * permille / 1000;
        for (long from = fromNs; from + windowNs <= untilNs; from += STEP_NS) {
            long to = from + windowNs;
            if (gpuNs(tenants, from, to) >= wanted) {
                return OptionalDouble.of((to - fromNs) / 1e6);
            }
        }
        return OptionalDouble.empty();
    }

    /** Cumulative GPU time of one tenant at growing times. */
    private static final class Series {
        private long[] times = new long[1024];
        private long[] values = new long[1024];
        private int size;

        void add(long atNs, long gpuNs) {
            if (size > 0 && atNs <= times[size - 1]) {
                return;
            }
            if (size == times.length) {
                times = Arrays.copyOf(times, size * 2);
                values = Arrays.copyOf(values, size * 2);
            }
            times[size] = atNs;
            values[size++] = gpuNs;
        }

        double at(long ns) {
            int found = Arrays.binarySearch(times, 0, size, ns);
            if (found >= 0) {
                return values[found];
            }
            int next = -found - 1;
            if (next == 0) {
                return size == 0 ? 0 : values[0];
            }
            if (next == size) {
                return values[size - 1];
            }
            double part = (double) (ns - times[next - 1]) / (times[next] - times[next - 1]);
            return values[next - 1] + part * (values[next] - values[next - 1]);
        }
    }
}
