package io.aliquot.controller.decide;

import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodePlan.Share;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what each node was last told, and says when that is worth telling again: at once when a policy, a GPU or a tenant
 * changed, when a share of the time moved by more than 10 permille and 3 %, and after two seconds in any case. No clock of its
 * own. One thread.
 */
final class DecisionBook {
    /** Everything is published again after this long: a fifth of a decision's time to live. */
    static final long REPEAT_MS = 2000;

    private static final int DAMPING_PERMILLE = 10;
    private static final double DAMPING_PART = 0.03;

    /** Weights are millionths of a GPU. */
    private static final double WEIGHT_UNITS = 1000;

    private final Map<String, Told> told = new HashMap<>();

    private record Told(NodePlan plan, long atMs) {}

    /**
     * Whether the plan is to be published now; if so, it counts as told.
     *
     * @param exactly the policy changed: any difference counts
     * @param nowMs on a monotonic clock
     */
    boolean take(NodePlan plan, boolean exactly, long nowMs) {
        Told last = told.get(plan.node());
        boolean differs = last == null || (exactly ? !last.plan.equals(plan) : worth(last.plan, plan));
        if (last != null && nowMs - last.atMs < REPEAT_MS && !differs) {
            return false;
        }
        told.put(plan.node(), new Told(plan, nowMs));
        return true;
    }

    /** Forgets a node that is gone. */
    void forget(String node) {
        told.remove(node);
    }

    /** Whether a plan differs enough from what was told. */
    static boolean worth(@Nullable NodePlan before, NodePlan now) {
        if (before == null || before.gpus().size() != now.gpus().size()) {
            return true;
        }
        for (int i = 0; i < now.gpus().size(); i++) {
            NodePlan.Gpu old = before.gpus().get(i);
            NodePlan.Gpu fresh = now.gpus().get(i);
            if (!old.uuid().equals(fresh.uuid()) || worth(old.tenants(), fresh.tenants())) {
                return true;
            }
        }
        return false;
    }

    private static boolean worth(List<Share> before, List<Share> now) {
        if (before.size() != now.size()) {
            return true;
        }
        for (int i = 0; i < now.size(); i++) {
            Share old = before.get(i);
            Share fresh = now.get(i);
            if (!old.tenant().equals(fresh.tenant())
                    || old.quotaVersion() != fresh.quotaVersion()
                    || old.hardCeiling() != fresh.hardCeiling()
                    || old.serviceClass() != fresh.serviceClass()
                    || old.memoryLimitBytes() != fresh.memoryLimitBytes()
                    || moved(old.targetPermille(), fresh.targetPermille())
                    || moved(old.floorPermille(), fresh.floorPermille())
                    || moved(old.ceilingPermille(), fresh.ceilingPermille())
                    || moved(old.guaranteedPermille(), fresh.guaranteedPermille())
                    || moved(old.fallbackPermille(), fresh.fallbackPermille())
                    || moved(old.weight() / WEIGHT_UNITS, fresh.weight() / WEIGHT_UNITS)) {
                return true;
            }
        }
        return false;
    }

    private static boolean moved(double before, double now) {
        return Math.abs(now - before) > Math.max(DAMPING_PERMILLE, DAMPING_PART * before);
    }
}
