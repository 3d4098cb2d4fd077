package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.BurstCredit;
import io.aliquot.controller.fairshare.EntitlementSolver;
import io.aliquot.controller.fairshare.Entitlements;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.Situation;
import io.aliquot.controller.fairshare.TenantValues;
import io.aliquot.controller.fairshare.UsageHistory;
import io.aliquot.controller.placement.Placement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tick of the whole cluster: entitlements from what all tenants want, damped, and brought to GPUs. The same arguments give
 * the same bits, so that what was recorded can be replayed. Pure; any thread.
 *
 * <p>The first tick of a layout (GPUs, tenants) starts cold, each later one from the one before. Work that comes or goes keeps
 * the others' shares where they are.
 */
public final class Divider {
    /** A tick is at least as long, so that credit can be spent in it; seconds. */
    private static final double SHORTEST_SECONDS = 1e-3;

    private Divider() {}

    /**
     * Divides.
     *
     * @param before the tick before; null for the first one
     * @param gpus every GPU once, in an order that stays
     * @param seconds since the tick before
     */
    public static Division next(@Nullable Division before, GpuPolicy policy, List<Gpu> gpus, double seconds) {
        Layout layout = new Layout(policy, gpus, before == null ? null : before.layout);
        PolicyTree tree = policy.tree();
        double tick = Math.max(SHORTEST_SECONDS, seconds);
        Memory memory = before == null ? Memory.none(tree) : before.memory.on(tree);
        Entitlements now = EntitlementSolver.solve(new Situation(
                layout.total,
                layout.demand(),
                UsageHistory.weights(memory.history(), tree),
                BurstCredit.spendable(memory.credit(), tick)));
        Memory after = memory.next(now, layout.use(), tick);
        Division last = layout.keepsNumbers ? before : null;
        Placement placement = Placer.place(
                layout,
                after.damping().published(),
                floors(layout, now),
                layout.demand,
                last == null ? null : last.placement,
                layout.keepsEdges);
        Limits limits = new Limits(layout, now);
        Guarantees guarantees = Guarantees.of(layout, before == null ? null : before.guarantees);
        return new Division(layout, after, now, limits.hold(placement), limits, guarantees);
    }

    /** A tenant's floor lies on its GPUs as what it wants there does; GPU-equivalents, per edge. */
    private static double[] floors(Layout layout, Entitlements now) {
        double[] floor = new double[layout.demand.length];
        TenantValues wanted = layout.demand();
        for (int e = 0; e < floor.length; e++) {
            if (layout.isOwn(e)) {
                int node = layout.tenant[e];
                double all = now.floor().get(node);
                double part = wanted.get(node) > 0 ? Math.min(1, all / wanted.get(node)) : 0;
                floor[e] = part * layout.demand[e];
            }
        }
        return floor;
    }
}
