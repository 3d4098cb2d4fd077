package io.aliquot.controller.fairshare;

/**
 * Time-decayed history: who used more than its part in the past gets less now, and the other way round. With past use u and
 * past due s, each u ← 2^(−Δ/H)·u + (1 − 2^(−Δ/H))·x with the tenant's half-life H, the effective weight is
 * w·clamp(2^(−k·(u/s − 1)), ¼, 4), as Slurm's fair share factor 2^(−u/s) but 1 for who used what was due. Only what was used
 * above the floor while somebody lacked is charged: using what nobody wanted costs nothing, and a floor is never paid for.
 *
 * <p>Gives up, of a moment, the sharing incentive, envy-freeness and monotony in capacity and population, for shares that
 * are nearer to the due over the half-life; and use can be put off for a better weight later, so over-reporting is not
 * proven to gain nothing over time. Keeps feasibility, Pareto efficiency and floors at any moment, for it only changes
 * weights. At constant demands it settles: more use lowers the weight, and so the use. Pure; any thread; the same bits
 * everywhere.
 */
public final class UsageHistory {
    /** How strongly use that differs from the due counts: k. */
    static final double STRENGTH = 1;

    static final double LEAST_FACTOR = 0.25;
    static final double MOST_FACTOR = 4;

    private static final double NOTHING = 1e-9;

    private UsageHistory() {}

    /**
     * What is remembered. Immutable; replays to the same bits.
     *
     * @param used u: decayed use above the floor while somebody beside the tenant lacked, GPU-equivalents
     * @param due s: decayed fair share above the floor, GPU-equivalents
     */
    public record State(TenantValues used, TenantValues due) {
        /** Nothing is remembered. */
        public static State none(PolicyTree tree) {
            return new State(TenantValues.constant(tree, 0), TenantValues.constant(tree, 0));
        }

        /** The same under another policy; who is new has no history. */
        public State on(PolicyTree tree) {
            return new State(used.on(tree, 0), due.on(tree, 0));
        }
    }

    /**
     * What is remembered after a tick.
     *
     * @param now the entitlements of the tick
     * @param use what every node used in it, GPU-equivalents; a parent's is the sum of its children's
     * @param seconds length of the tick, 0 or more
     */
    public static State next(State before, Entitlements now, TenantValues use, double seconds) {
        PolicyTree tree = now.tree();
        State state = before.on(tree);
        double[] used = state.used.toArray();
        double[] due = state.due.toArray();
        for (int node = 1; node < tree.size(); node++) {
            double halfLife = tree.policy(node).historyHalfLifeSeconds();
            if (halfLife > 0) {
                double kept = StrictMath.pow(2, -Math.max(0, seconds) / halfLife);
                double floor = now.floor().get(node);
                double charged = isContended(tree.parent(node), now) ? Math.max(0, use.get(node) - floor) : 0;
                used[node] = kept * used[node] + (1 - kept) * charged;
                due[node] =
                        kept * due[node] + (1 - kept) * Math.max(0, now.fair().get(node) - floor);
            }
        }
        return new State(TenantValues.wrap(tree, used), TenantValues.wrap(tree, due));
    }

    /** Effective weights under a policy; the policy's own for tenants with no half-life. */
    public static TenantValues weights(State state, PolicyTree tree) {
        State known = state.on(tree);
        return TenantValues.by(tree, node -> {
            TenantPolicy policy = tree.policy(node);
            boolean remembers = policy.historyHalfLifeSeconds() > 0;
            return remembers ? policy.weight() * factor(known.used.get(node), known.due.get(node)) : policy.weight();
        });
    }

    /** The factor on the weight of one who used so much where so much was due: 1/4 to 4, 1 with no history. */
    static double factor(double used, double due) {
        if (due < NOTHING) {
            return used < NOTHING ? 1 : LEAST_FACTOR;
        }
        return Math.clamp(StrictMath.pow(2, -STRENGTH * (used / due - 1)), LEAST_FACTOR, MOST_FACTOR);
    }

    /** True when a child of the node wanted more than it was entitled to. */
    private static boolean isContended(int parent, Entitlements now) {
        for (int child = now.tree().firstChild(parent); child < now.tree().endChild(parent); child++) {
            if (now.wanted().get(child) - now.entitlement().get(child) > NOTHING) {
                return true;
            }
        }
        return false;
    }
}
