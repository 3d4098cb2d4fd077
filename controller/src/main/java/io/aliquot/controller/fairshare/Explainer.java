package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Says of any tenant what its entitlement comes from. Lending is counted against the fair shares: what all lenders under one
 * parent lend is taken to go to all its borrowers in proportion to what they borrow. O(siblings) a level. Pure; any thread.
 */
public final class Explainer {
    /** Amounts that differ by less are the same. */
    private static final double SAME = 1e-9;

    private final Entitlements now;
    private final PolicyTree tree;

    private Explainer(Entitlements now) {
        this.now = now;
        tree = now.tree();
    }

    /** @throws IllegalArgumentException when there is no such tenant */
    public static Explanation explain(Entitlements now, String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("tenant '': expected the path of a tenant, not the cluster");
        }
        Explainer explainer = new Explainer(now);
        List<Explanation.Level> levels = new ArrayList<>();
        for (int node = now.tree().index(path);
                node > PolicyTree.ROOT;
                node = now.tree().parent(node)) {
            levels.add(explainer.level(node));
        }
        return new Explanation(path, levels);
    }

    private Explanation.Level level(int node) {
        TenantPolicy policy = tree.policy(node);
        double budget = now.budget(tree.parent(node));
        double floor = policy.floor().of(budget);
        double entitled = now.entitlement().get(node);
        return new Explanation.Level(
                policy.path(),
                budget,
                demand(node),
                now.fair().get(node),
                floor,
                most(node),
                policy.hardCeiling(),
                policy.priority(),
                policy.weight(),
                now.situation().weights().get(node),
                entitled,
                binding(node, budget),
                flows(node, 1),
                flows(node, -1),
                Math.max(0, Math.min(floor, now.fair().get(node)) - entitled));
    }

    private Binding binding(int node, double budget) {
        double entitled = now.entitlement().get(node);
        double floor = now.floor().get(node);
        boolean capped = entitled >= most(node) - SAME;
        boolean lifted = entitled > most(node) + SAME;
        if (entitled >= demand(node) - SAME) {
            return Binding.DEMAND;
        }
        if (capped && !lifted) {
            return Binding.CEILING;
        }
        if (entitled >= budget - SAME) {
            return Binding.PARENT;
        }
        if (entitled < floor - SAME) {
            return Binding.UNMET_FLOOR;
        }
        if (floor > SAME && entitled <= floor + SAME) {
            return Binding.FLOOR;
        }
        if (givesWay(node)) {
            return Binding.PRIORITY;
        }
        return byCredit(node) ? Binding.CREDIT : Binding.WEIGHT;
    }

    /** True when a sibling of a higher class has more than its floor. */
    private boolean givesWay(int node) {
        int parent = tree.parent(node);
        for (int other = tree.firstChild(parent); other < tree.endChild(parent); other++) {
            boolean higher = tree.policy(other).priority().rank()
                    < tree.policy(node).priority().rank();
            if (higher && now.entitlement().get(other) > now.floor().get(other) + SAME) {
                return true;
            }
        }
        return false;
    }

    private boolean byCredit(int node) {
        double guaranteed = CreditSplit.GUARANTEED * now.fair().get(node);
        boolean saves = tree.policy(node).burstCreditGpuSeconds() > 0;
        return saves && now.entitlement().get(node) <= guaranteed + SAME;
    }

    private List<Explanation.Flow> flows(int node, int direction) {
        double mine = direction * over(node);
        if (mine <= SAME) {
            return List.of();
        }
        double lent = 0;
        double borrowed = 0;
        int parent = tree.parent(node);
        for (int other = tree.firstChild(parent); other < tree.endChild(parent); other++) {
            lent += Math.max(0, -over(other));
            borrowed += Math.max(0, over(other));
        }
        List<Explanation.Flow> flows = new ArrayList<>();
        for (int other = tree.firstChild(parent); other < tree.endChild(parent); other++) {
            double gpus = mine * -direction * over(other) / Math.max(lent, borrowed);
            if (gpus > SAME) {
                flows.add(new Explanation.Flow(tree.path(other), gpus, isSatisfied(direction > 0 ? other : node)));
            }
        }
        flows.sort(Comparator.comparingDouble(Explanation.Flow::gpus).reversed().thenComparing(Explanation.Flow::path));
        return flows;
    }

    private double over(int node) {
        return now.entitlement().get(node) - now.fair().get(node);
    }

    private boolean isSatisfied(int node) {
        return now.entitlement().get(node) >= now.wanted().get(node) - SAME;
    }

    private double demand(int node) {
        double demand = now.situation().demand().get(node);
        for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
            demand += now.wanted().get(child);
        }
        return demand;
    }

    private double most(int node) {
        return node == PolicyTree.ROOT
                ? now.situation().capacityGpus()
                : Math.min(most(tree.parent(node)), tree.policy(node).ceiling().of(most(tree.parent(node))));
    }
}
