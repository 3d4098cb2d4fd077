package io.aliquot.controller.fairshare;

/**
 * How much of a GPU a tenant would use if nothing held it back. With the busy share u and the share b of the time in which a
 * launch was held back, a closed loop would use u/(1−b) unthrottled; an estimate from that alone creeps up too slowly from a
 * small u, so it grows by at least γ an observation. A tenant that was not held back wants what it used, and some headroom.
 * Rises are taken at once, falls decay, and a tenant that has a process keeps a small reserve to wake up in. Pure; any thread.
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

    /** Demand of an idle tenant, permille. */
    static final double WAKE_UP_PERMILLE = 5;

    private DemandEstimator() {}

    /**
     * The next estimate.
     *
     * @param previousPermille the last estimate; 0 for a new tenant
     * @param busyPermille GPU time used over the interval, permille of it
     * @param blockedPermille part of the interval in which a launch was held back, permille
     * @param seconds length of the interval, above 0
     * @return permille of the GPU, {@link #WAKE_UP_PERMILLE} to 1000
     */
    public static double next(double previousPermille, double busyPermille, double blockedPermille, double seconds) {
        double observed = observed(busyPermille, Math.clamp(blockedPermille / Claim.WHOLE, 0, 1));
        double kept = Math.exp(-Math.max(0, seconds) / DECAY_SECONDS);
        double next = observed >= previousPermille ? observed : observed + (previousPermille - observed) * kept;
        return Math.clamp(next, WAKE_UP_PERMILLE, Claim.WHOLE);
    }

    private static double observed(double busy, double blocked) {
        if (blocked <= BLOCKED_THRESHOLD) {
            return busy * (1 + HEADROOM);
        }
        double closedLoop = blocked < 1 ? busy / (1 - blocked) : Claim.WHOLE;
        return Math.min(Claim.WHOLE, Math.max(closedLoop, busy * (1 + GROWTH)));
    }
}
