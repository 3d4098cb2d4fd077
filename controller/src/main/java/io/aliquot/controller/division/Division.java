package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.Damping;
import io.aliquot.controller.fairshare.Entitlements;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.placement.Placement;
import java.util.ArrayList;
import java.util.List;

/** What a tick decided, and what the next one starts from. Immutable; any thread. {@link Divider} makes it. */
public final class Division {
    /** Who lacks less than this part of a GPU's time has all it wants: a smaller entitlement is not published. */
    private static final double SATISFIED = Damping.POINT_GPUS;

    final Layout layout;
    final Memory memory;
    final Placement placement;
    final Guarantees guarantees;
    private final Entitlements entitlements;
    private final Limits limits;
    private final double[] ceiling;
    /** Asked for each tenant on each GPU: to add it up anew would take the square of the GPUs. */
    private final double[] ofNext;

    private final double[] floor;
    private final Weights weights;

    Division(
            Layout layout,
            Memory memory,
            Entitlements entitlements,
            Placement placement,
            Limits limits,
            Guarantees guarantees) {
        this.layout = layout;
        this.memory = memory;
        this.entitlements = entitlements;
        this.placement = placement;
        this.limits = limits;
        this.guarantees = guarantees;
        ceiling = limits.ceilings(placement);
        ofNext = limits.ofNext(placement);
        floor = floors();
        weights = new Weights(layout, placement, guarantees, e -> isSatisfied(e) || isGaining(e));
    }

    /** What the node gives at once: what is in use of a floor, and to who has all it wants, what a floor guarantees it. */
    private double[] floors() {
        double[] floors = new double[layout.tenant.length];
        for (int g = 0; g < layout.capacity.length; g++) {
            double sum = 0;
            for (int e = layout.start[g]; e < layout.start[g + 1]; e++) {
                double inUse = Math.min(placement.problem().floor(e), placement.amount(e));
                double most = isSatisfied(e) ? Math.max(inUse, guarantees.floor(e)) : inUse;
                floors[e] = Math.min(ceiling[e], layout.share(e, most));
                sum += floors[e];
            }
            for (int e = layout.start[g]; sum > 1 && e < layout.start[g + 1]; e++) {
                floors[e] /= sum;
            }
        }
        return floors;
    }

    public GpuPolicy policy() {
        return layout.policy;
    }

    /** As they were given. */
    public List<Gpu> gpus() {
        return layout.gpus;
    }

    /** What each tenant is entitled to, before damping. */
    public Entitlements entitlements() {
        return entitlements;
    }

    /** GPUs on which the floors in use exceed what there is: an alert when above 0. */
    public int crowdedGpus() {
        return placement.floorsScaled();
    }

    /** The GPU's number in {@link #gpus}, or -1. */
    public int gpu(String uuid) {
        return layout.gpu(uuid);
    }

    /** Speed factor of a GPU. */
    public double speed(int gpu) {
        return layout.capacity[gpu];
    }

    /** The tenants that have work on a GPU, in the order of the tree. */
    public List<Share> shares(int gpu) {
        List<Share> shares = new ArrayList<>();
        for (int e = layout.start[gpu]; e < layout.start[gpu + 1]; e++) {
            shares.add(share(e));
        }
        return shares;
    }

    /**
     * What a tenant would have of a GPU on which it has no work yet, until the next tick; of a floor, what the others leave.
     *
     * @throws IllegalArgumentException when there is no such tenant
     */
    public Share newcomer(String tenant, int gpu) {
        PolicyTree tree = layout.policy.tree();
        int node = tree.index(tenant);
        boolean own = tree.isLeaf(node)
                && layout.policy.isMeantFor(tenant, layout.gpus.get(gpu).labels());
        double weight = own ? weights.ofNewcomer(gpu, guarantees.ofOneGpu(node)) : 0;
        double ceiling = Math.min(1, ofNext[node] / layout.capacity[gpu]);
        double floor = own ? Math.min(ceiling, guarantees.floorOfOneGpu(node)) : 0;
        return new Share(tenant, 0, 0, 0, 0, weight, floor, ceiling, limits.isHard(node));
    }

    /**
     * Why a tenant has what it has.
     *
     * @throws IllegalArgumentException when there is no such tenant
     */
    public TenantExplanation explain(String tenant) {
        return GpuExplainer.explain(this, tenant);
    }

    /** What a tenant would get of one GPU if all tenants of the policy wanted all of it; 0 to 1. */
    public double ofOneGpu(String tenant) {
        return guarantees.ofOneGpu(layout.policy.tree().index(tenant));
    }

    private boolean isSatisfied(int e) {
        return layout.share(e, layout.demand[e] - placement.amount(e)) <= SATISFIED;
    }

    /** What its tenant gains is not published yet. */
    private boolean isGaining(int e) {
        return Damping.isGaining(memory.damping(), entitlements, layout.tenant[e]);
    }

    private Share share(int e) {
        PolicyTree tree = layout.policy.tree();
        int node = layout.tenant[e] % tree.size();
        double share = layout.share(e, placement.amount(e));
        double guaranteed = layout.share(e, guarantees.amount(e));
        double demand = layout.share(e, layout.demand[e]);
        return new Share(
                tree.path(node),
                demand,
                layout.share(e, layout.use[e]),
                share,
                guaranteed,
                weights.of(e),
                floor[e],
                ceiling[e],
                limits.isHard(node));
    }
}
