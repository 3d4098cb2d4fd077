package io.aliquot.controller.account;

import java.util.Comparator;

/**
 * Names an entry: one GPU in one hour. Hours come first in the order. Immutable.
 *
 * @param hour hours since 1970 in UTC
 * @param node two nodes that name the same GPU have an entry each
 * @param gpu the GPU's uuid
 */
public record GpuHour(long hour, String node, String gpu) implements Comparable<GpuHour> {
    /** Microseconds in an hour. */
    public static final long MICROS = 3_600_000_000L;

    private static final Comparator<GpuHour> ORDER =
            Comparator.comparingLong(GpuHour::hour).thenComparing(GpuHour::node).thenComparing(GpuHour::gpu);

    /** Lower than every entry of the hour. */
    static GpuHour first(long hour) {
        return new GpuHour(hour, "", "");
    }

    @Override
    public int compareTo(GpuHour other) {
        return ORDER.compare(this, other);
    }
}
