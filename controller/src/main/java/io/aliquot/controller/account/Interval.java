package io.aliquot.controller.account;

import io.aliquot.controller.state.NodeReport;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** How the time of one GPU in one interval was used: exact, to the nanosecond and the byte-microsecond. Pure. */
final class Interval {
    private static final long NS = 1000;
    private static final int WHOLE = 1000;

    private final long micros;
    private final boolean simulated;
    private final List<NodeReport.Tenant> tenants;
    private final long[] used;
    private final long[] lent;
    private final long[] borrowed;

    /**
     * Tenants that together say more than the interval are cut in proportion, each first to the interval itself: one that
     * lies can't take more from the others than one that was busy throughout.
     *
     * @param micros length of the interval, 1 to an hour
     */
    Interval(NodeReport.Gpu gpu, long micros) {
        this.micros = micros;
        this.simulated = gpu.simulated();
        // By name, so that roundings don't depend on the order in the record.
        this.tenants = gpu.tenants().stream()
                .sorted(Comparator.comparing(NodeReport.Tenant::tenant))
                .toList();
        long wallNs = micros * NS;
        long[] said = tenants.stream()
                .mapToLong(tenant -> Math.clamp(tenant.gpuNs(), 0, wallNs))
                .toArray();
        this.used = Whole.atMost(said, wallNs);
        this.borrowed = new long[used.length];
        long[] left = new long[used.length];
        long guaranteed = 0;
        for (int i = 0; i < used.length; i++) {
            long own = guaranteedNs(tenants.get(i), micros);
            guaranteed += own;
            borrowed[i] = Math.max(0, used[i] - own);
            left[i] = Math.max(0, own - used[i]);
        }
        // Time that was guaranteed to nobody is used up before anybody's own.
        long unclaimed = Math.max(0, wallNs - guaranteed);
        long fromOthers = Math.max(0, LongStream.of(borrowed).sum() - unclaimed);
        this.lent = Whole.atMost(left, fromOthers);
    }

    /** The whole interval. */
    GpuTime all() {
        return time(used, lent, borrowed, micros);
    }

    /**
     * A part at the interval's beginning. {@link #rest} gives what is left, and both together are the whole.
     *
     * @param partMicros 0 to the interval
     */
    GpuTime first(long partMicros) {
        return time(
                Whole.scaled(withIdle(), partMicros, micros),
                Whole.scaled(lent, partMicros, micros),
                Whole.scaled(borrowed, partMicros, micros),
                partMicros);
    }

    /** What {@link #first} leaves. */
    GpuTime rest(long partMicros) {
        return time(
                minus(used, Whole.scaled(withIdle(), partMicros, micros)),
                minus(lent, Whole.scaled(lent, partMicros, micros)),
                minus(borrowed, Whole.scaled(borrowed, partMicros, micros)),
                micros - partMicros);
    }

    /** Idle time is rounded with the others, so that each part balances. */
    private long[] withIdle() {
        return LongStream.concat(LongStream.of(used), LongStream.of(idleNs(used, micros)))
                .toArray();
    }

    private GpuTime time(long[] usedNs, long[] lentNs, long[] borrowedNs, long partMicros) {
        SortedMap<String, TenantTime> times = new TreeMap<>();
        long sum = 0;
        for (int i = 0; i < tenants.size(); i++) {
            NodeReport.Tenant tenant = tenants.get(i);
            TenantTime time = new TenantTime(
                    usedNs[i],
                    guaranteedNs(tenant, partMicros),
                    lentNs[i],
                    borrowedNs[i],
                    permille(tenant.blockedPermille()) * partMicros,
                    ByteTime.of(tenant.memoryUsedBytes(), partMicros));
            sum += usedNs[i];
            if (!time.equals(TenantTime.NONE)) {
                times.put(tenant.tenant(), time);
            }
        }
        return new GpuTime(partMicros * NS, partMicros * NS - sum, 0, simulated, times);
    }

    private static long idleNs(long[] used, long micros) {
        return micros * NS - LongStream.of(used).sum();
    }

    /** A thousandth of a microsecond is a nanosecond: no rounding. */
    private static long guaranteedNs(NodeReport.Tenant tenant, long micros) {
        return permille(tenant.guaranteedPermille()) * micros;
    }

    private static long permille(int value) {
        return Math.clamp(value, 0, WHOLE);
    }

    private static long[] minus(long[] whole, long[] part) {
        long[] rest = new long[whole.length];
        for (int i = 0; i < whole.length; i++) {
            rest[i] = whole[i] - part[i];
        }
        return rest;
    }
}
