package io.aliquot.controller.publish;

import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodePlan.Share;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what each node was last told, and says when that is worth telling again: at once when a quota or a GPU changed, when
 * a target moved by more than 10 permille and 3 %, and after two seconds in any case. No clock of its own. One thread.
 */
public final class DecisionBook {
    /** Everything is published again after this long: a fifth of a decision's time to live. */
    static final long REPEAT_MS = 2000;

    private static final int DAMPING_PERMILLE = 10;
    private static final double DAMPING_PART = 0.03;

    private final Map<String, Told> told = new HashMap<>();

    private record Told(NodePlan plan, long atMs) {}

    /**
     * Whether the plan is to be published now; if so, it counts as told.
     *
     * @param nowMs on a monotonic clock
     */
    public boolean take(NodePlan plan, long nowMs) {
        Told last = told.get(plan.node());
        if (last != null && nowMs - last.atMs < REPEAT_MS && !worth(last.plan, plan)) {
            return false;
        }
        told.put(plan.node(), new Told(plan, nowMs));
        return true;
    }

    /** Forgets a node that is gone. */
    public void forget(String node) {
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
            double damping = Math.max(DAMPING_PERMILLE, DAMPING_PART * old.targetPermille());
            if (!Objects.equals(old.quota(), fresh.quota())
                    || old.fallbackPermille() != fresh.fallbackPermille()
                    || Math.abs(old.targetPermille() - fresh.targetPermille()) > damping) {
                return true;
            }
        }
        return false;
    }
}
