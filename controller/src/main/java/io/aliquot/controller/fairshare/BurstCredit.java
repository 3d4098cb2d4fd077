package io.aliquot.controller.fairshare;

import java.util.Arrays;

/**
 * Bounded credit after Karma (Vuppalapati et al., OSDI '23): credit += donated − borrowed. A tenant with a burst credit
 * lends what it does not use of its fair share, earns credit as far as somebody borrows it, and pays with it when it
 * borrows itself; {@link CreditSplit} says how credit decides who borrows first. Of the fair share a part 1 − α is always
 * lent, and earns whether it is borrowed or not. When less is borrowed than was donated, who has least credit earns first.
 *
 * <p>Gives up, of a moment, the sharing incentive above α times the fair share, envy-freeness and monotony, for shares that
 * are fair over the time in which the bound is earned. The paper proves that over-reporting gains nothing; that is for
 * credit which neither runs out nor meets its bound, so here it is not claimed. Keeps feasibility, Pareto efficiency and
 * floors at any moment. Pure; any thread; the same bits everywhere.
 */
public final class BurstCredit {
    private BurstCredit() {}

    /**
     * What every tenant has saved. Immutable; replays to the same bits.
     *
     * @param credit GPU-equivalents times seconds, 0 to the tenant's bound
     */
    public record State(TenantValues credit) {
        /** Everyone starts with half its bound, so that there is room both ways. */
        public static State start(PolicyTree tree) {
            return new State(TenantValues.by(tree, node -> bound(tree, node) / 2));
        }

        /** The same under another policy: who is new starts with half its bound. */
        public State on(PolicyTree tree) {
            PolicyTree known = credit.tree();
            return new State(TenantValues.by(tree, node -> {
                double bound = bound(tree, node);
                String path = tree.path(node);
                return known.contains(path) && bound(known, known.index(path)) > 0
                        ? Math.min(bound, credit.get(path))
                        : bound / 2;
            }));
        }
    }

    /**
     * What every tenant can pay for throughout a tick of so many seconds, GPU-equivalents.
     *
     * @param seconds above 0
     */
    public static TenantValues spendable(State state, double seconds) {
        TenantValues credit = state.credit();
        return TenantValues.by(credit.tree(), node -> credit.get(node) / seconds);
    }

    /**
     * What is saved after a tick.
     *
     * @param now the entitlements of the tick; the state may be of an earlier policy
     * @param seconds length of the tick, 0 or more
     */
    public static State next(State before, Entitlements now, double seconds) {
        PolicyTree tree = now.tree();
        double[] credit = before.on(tree).credit().toArray();
        for (int parent = 0; parent < tree.size(); parent++) {
            settle(parent, now, seconds, credit);
        }
        return new State(TenantValues.wrap(tree, credit));
    }

    private static void settle(int parent, Entitlements now, double seconds, double[] credit) {
        PolicyTree tree = now.tree();
        int first = tree.firstChild(parent);
        int size = tree.endChild(parent) - first;
        double[] least = new double[size];
        double[] most = new double[size];
        double donated = 0;
        double borrowed = 0;
        for (int i = 0; i < size; i++) {
            int child = first + i;
            double over = (now.entitlement().get(child) - guaranteed(child, now)) * seconds;
            borrowed += Math.max(0, over);
            if (bound(tree, child) > 0) {
                least[i] = credit[child];
                most[i] = credit[child] + Math.max(0, -over);
                donated += Math.max(0, -over);
            }
        }
        double[] earned = new double[size];
        double[] one = new double[size];
        Arrays.fill(one, 1);
        WaterLevel.fill(sum(least) + Math.min(donated, borrowed), one, least, most, earned, size);
        for (int i = 0; i < size; i++) {
            int child = first + i;
            double lent = (now.fair().get(child) - guaranteed(child, now)) * seconds;
            double paid = Math.max(0, (now.entitlement().get(child) - guaranteed(child, now)) * seconds);
            credit[child] = Math.clamp(earned[i] + lent - paid, 0, bound(tree, child));
        }
    }

    private static double guaranteed(int node, Entitlements now) {
        boolean saves = bound(now.tree(), node) > 0;
        return (saves ? CreditSplit.GUARANTEED : 1) * now.fair().get(node);
    }

    private static double bound(PolicyTree tree, int node) {
        return tree.policy(node).burstCreditGpuSeconds();
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
