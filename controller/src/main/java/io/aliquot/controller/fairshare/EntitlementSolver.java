package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.List;

/**
 * Entitlements down the tree by weighted max-min with floors, ceilings and priority classes. Bottom-up, a parent wants
 * min(its ceiling, Σ min(child's ceiling, child's demand)); top-down, each parent's entitlement is shared out among its
 * children by {@link SiblingSplit}. O(n log n) for n tenants; deterministic to the bit. Pure; any thread.
 *
 * <p>Which properties hold (each has a test of its own):
 *
 * <ul>
 *   <li>With every feature: feasibility; Pareto efficiency; floors are met first, by class where they can't be; invariance
 *       to unit, scale of weights and order; a subtree that wants the same moves nobody outside.
 *   <li>Without history and credit: over-reporting gains nothing useful, where floors can be met; monotone in a tenant's own
 *       weight; monotone in capacity where no ceiling is in percent.
 *   <li>With one class as well, where floors can be met: the sharing incentive (at least the static split or the demand),
 *       and nobody loses when a tenant leaves. With classes each holds but for the reserve, which an idle floor makes larger.
 *   <li>With weights alone: weighted envy-freeness among siblings.
 * </ul>
 *
 * <p>History and credit keep over time what they give up of the moment; see {@link UsageHistory} and {@link BurstCredit}.
 * Classes count within a parent: the static split of a lower class is what the higher classes would leave it.
 */
public final class EntitlementSolver {
    /** A floor that is missed by less is met. */
    static final double UNMET_GPUS = 1e-9;

    private final Situation now;
    private final PolicyTree tree;
    private final double[] most;
    private final double[] guaranteed;
    private final double[] low;
    private final double[] capped;
    private final double[] wanted;
    private final double[] fair;
    private final double[] entitlement;
    private final List<Unmet> unmet = new ArrayList<>();

    private EntitlementSolver(Situation now) {
        this.now = now;
        tree = now.tree();
        int size = tree.size();
        most = new double[size];
        guaranteed = new double[size];
        low = new double[size];
        capped = new double[size];
        wanted = new double[size];
        fair = new double[size];
        entitlement = new double[size];
    }

    /** What every tenant is entitled to now. */
    public static Entitlements solve(Situation now) {
        return new EntitlementSolver(now).solve();
    }

    private Entitlements solve() {
        mostDownwards();
        wantsUpwards();
        sharesDownwards();
        return new Entitlements(
                now, values(capped), values(wanted), values(low), values(fair), values(entitlement), unmet);
    }

    private void mostDownwards() {
        most[PolicyTree.ROOT] = now.capacityGpus();
        for (int node = 1; node < tree.size(); node++) {
            double above = most[tree.parent(node)];
            most[node] = Math.min(above, tree.policy(node).ceiling().of(above));
        }
    }

    /** What is wanted, and what floors in GPUs guarantee of it: those of a parent's tenants are guaranteed by the parent. */
    private void wantsUpwards() {
        for (int node = tree.size() - 1; node >= 0; node--) {
            TenantPolicy policy = tree.policy(node);
            double demand = now.demand().get(node);
            double within = demand;
            double lows = 0;
            for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
                within += capped[child];
                demand += wanted[child];
                lows += low[child];
                guaranteed[node] += guaranteed[child];
            }
            boolean hard = policy.hardCeiling() || node == PolicyTree.ROOT;
            capped[node] = Math.min(most[node], within);
            wanted[node] = hard ? Math.min(most[node], demand) : demand;
            if (policy.floor() instanceof Amount.Gpus(double gpus)) {
                guaranteed[node] = Math.max(guaranteed[node], gpus);
                lows = Math.max(lows, gpus);
            }
            low[node] = Math.min(capped[node], lows);
        }
    }

    private void sharesDownwards() {
        int widest = 0;
        for (int node = 0; node < tree.size(); node++) {
            widest = Math.max(widest, tree.endChild(node) - tree.firstChild(node));
        }
        Siblings children = new Siblings(widest);
        SiblingSplit split = new SiblingSplit(widest);
        entitlement[PolicyTree.ROOT] = Math.min(now.capacityGpus(), wanted[PolicyTree.ROOT]);
        fair[PolicyTree.ROOT] = now.capacityGpus();
        low[PolicyTree.ROOT] = Math.min(low[PolicyTree.ROOT], entitlement[PolicyTree.ROOT]);
        for (int node = 0; node < tree.size(); node++) {
            if (!tree.isLeaf(node)) {
                double budget = node == PolicyTree.ROOT ? now.capacityGpus() : entitlement[node];
                shareOut(node, budget, children, split);
            }
        }
    }

    private void shareOut(int node, double budget, Siblings children, SiblingSplit split) {
        int first = tree.firstChild(node);
        children.size = tree.endChild(node) - first;
        for (int i = 0; i < children.size; i++) {
            int child = first + i;
            TenantPolicy policy = tree.policy(child);
            if (policy.floor() instanceof Amount.Percent part) {
                double floor = part.of(budget);
                guaranteed[child] = Math.max(guaranteed[child], floor);
                low[child] = Math.max(low[child], Math.min(floor, capped[child]));
            }
            children.weight[i] = policy.weight();
            children.priority[i] = policy.priority().rank();
            children.spendable[i] = -1;
            children.floor[i] = guaranteed[child];
            children.capped[i] = Math.min(most[child], budget);
            children.wanted[i] = policy.hardCeiling() ? children.capped[i] : budget;
            children.low[i] = Math.min(guaranteed[child], children.capped[i]);
        }
        split.split(budget, children);
        System.arraycopy(children.share, 0, children.fair, 0, children.size);
        System.arraycopy(children.share, 0, fair, first, children.size);
        for (int i = 0; i < children.size; i++) {
            int child = first + i;
            children.weight[i] = now.weights().get(child);
            boolean credit = tree.policy(child).burstCreditGpuSeconds() > 0;
            children.spendable[i] = credit ? now.spendable().get(child) : -1;
            children.low[i] = low[child];
            children.capped[i] = capped[child];
            children.wanted[i] = wanted[child];
        }
        split.split(budget, children);
        System.arraycopy(children.share, 0, entitlement, first, children.size);
        for (int child = first; child < tree.endChild(node); child++) {
            if (entitlement[child] < low[child] - UNMET_GPUS) {
                unmet.add(new Unmet(tree.path(child), low[child], entitlement[child]));
            }
        }
    }

    private TenantValues values(double[] array) {
        return TenantValues.wrap(tree, array);
    }
}
