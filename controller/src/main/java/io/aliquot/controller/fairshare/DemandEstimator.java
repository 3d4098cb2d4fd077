package io.aliquot.controller.fairshare;

/**
 * How much of a GPU a tenant would use if nothing held it back. With the busy share u and the share b of the time in which a
 * launch was held back, a closed loop would use u/(1−b) unthrottled; an estimate from that alone creeps up too slowly from a
 * small u, so it grows by at least γ an observation. A tenant that was not held back wants what it used, and some headroom.
 * Rises are taken at once, falls decay, and a tenant that has a process keeps a small reserve to wake up in.
 *
 * <p>For a closed loop of constant demand D the estimate is between D and (1+γ)·D whatever share the tenant gets, and is
 * there after one observation: what it is given does not feed back, so nothing oscillates. Observations are hostile input:
 * what is not a number counts as 0, and nothing exceeds the cap. Pure; any thread; the same bits on every machine.
 */
public final class DemandEstimator {
    /** Held back for less than this part of the time counts as not held back: b₀. */
    static final double BLOCKED_THRESHOLD = 0.05;

    /** Least growth of an observation that was held back: γ. */
    static final double GROWTH = 0.25;

    /** Room above its use for a tenant that was not held back. */
    static final double HEADROOM = 0.10;

    /** Time constant of the decay, seconds: a stopped tenant's demand is down to 5 % after three of them. */
    static final double DECAY_SECONDS = 1.0;

    /** Demand of an idle tenant, as a part of the cap. */
    static final double WAKE_UP = 0.005;

    /** The same of a whole GPU, permille. */
    static final double WAKE_UP_PERMILLE = WAKE_UP * Permille.WHOLE;

    private DemandEstimator() {}

    /**
     * The next estimate for a whole GPU.
     *
     * @param previousPermille the last estimate; 0 for a new tenant
     * @param busyPermille GPU time used over the interval, permille of it
     * @param blockedPermille part of the interval in which a launch was held back, permille
     * @param seconds length of the interval, above 0
     * @return permille of the GPU, {@link #WAKE_UP_PERMILLE} to 1000
     */
    public static double next(double previousPermille, double busyPermille, double blockedPermille, double seconds) {
        return next(previousPermille, busyPermille, blockedPermille / Permille.WHOLE, Permille.WHOLE, seconds);
    }

    /**
     * The next estimate.
     *
     * @param previous the last estimate, in the unit of the cap: permille, GPU-equivalents; 0 for a new tenant
     * @param busy what was used over the interval, in the unit of the cap
     * @param blocked part of the interval in which a launch was held back, 0 to 1
     * @param cap the most that the tenant can use, above 0: the GPU, or all of them on which it has work
     * @param seconds length of the interval, above 0
     * @return {@link #WAKE_UP} of the cap, to the cap
     */
    public static double next(double previous, double busy, double blocked, double cap, double seconds) {
        double observed = observed(within(busy, cap), within(blocked, 1), cap);
        double kept = StrictMath.exp(-within(seconds, Double.MAX_VALUE) / DECAY_SECONDS);
        double last = within(previous, cap);
        double next = observed >= last ? observed : observed + (last - observed) * kept;
        return Math.clamp(next, WAKE_UP * cap, cap);
    }

    private static double observed(double busy, double blocked, double cap) {
        if (blocked <= BLOCKED_THRESHOLD) {
            return busy * (1 + HEADROOM);
        }
        double closedLoop = blocked < 1 ? busy / (1 - blocked) : cap;
        return Math.min(cap, Math.max(closedLoop, busy * (1 + GROWTH)));
    }

    private static double within(double value, double most) {
        return value > 0 ? Math.min(value, most) : 0;
    }
}
