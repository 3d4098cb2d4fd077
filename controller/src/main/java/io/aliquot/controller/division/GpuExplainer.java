package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.Explainer;
import io.aliquot.controller.fairshare.PolicyTree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Says of any tenant what its shares come from. Pure. */
final class GpuExplainer {
    /** Parts of a GPU's time that differ by less are the same. */
    private static final double SAME = 1e-3;

    private final Division division;
    private final String path;

    private GpuExplainer(Division division, String path) {
        this.division = division;
        this.path = path;
    }

    /** @throws IllegalArgumentException when there is no such tenant */
    static TenantExplanation explain(Division division, String path) {
        return new GpuExplainer(division, path).explain();
    }

    private TenantExplanation explain() {
        List<GpuExplanation> gpus = new ArrayList<>();
        double shared = 0;
        double used = 0;
        double atOnce = 0;
        for (int g = 0; g < division.gpus().size(); g++) {
            List<Share> shares = division.shares(g);
            for (Share share : shares) {
                if (isWithin(share.tenant())) {
                    double speed = division.speed(g);
                    shared += share.share() * speed;
                    used += share.use() * speed;
                    atOnce += share.floor() * speed;
                    gpus.add(gpu(g, share, shares));
                }
            }
        }
        return new TenantExplanation(
                Explainer.explain(division.entitlements(), path),
                division.memory.damping().published().get(path),
                shared,
                used,
                atOnce,
                gpus);
    }

    private boolean isWithin(String tenant) {
        return tenant.equals(path) || tenant.startsWith(path + "/");
    }

    private GpuExplanation gpu(int g, Share share, List<Share> shares) {
        Gpu gpu = division.gpus().get(g);
        return new GpuExplanation(
                gpu.node(),
                gpu.uuid(),
                division.speed(g),
                share,
                binding(gpu, share, shares),
                flows(share, shares, 1),
                flows(share, shares, -1));
    }

    private GpuBinding binding(Gpu gpu, Share share, List<Share> shares) {
        PolicyTree tree = division.policy().tree();
        boolean own =
                tree.isLeaf(tree.index(share.tenant())) && division.policy().isMeantFor(share.tenant(), gpu.labels());
        if (share.share() >= share.demand() - SAME) {
            return GpuBinding.DEMAND;
        }
        if (share.hardCeiling() && share.share() >= share.ceiling() - SAME) {
            return GpuBinding.CEILING;
        }
        if (!own) {
            return GpuBinding.LEFTOVER;
        }
        boolean full = shares.stream().mapToDouble(Share::share).sum() >= 1 - SAME
                && shares.stream().anyMatch(other -> !other.equals(share) && other.share() > SAME);
        boolean othersLack = shares.stream().anyMatch(other -> !other.equals(share) && lacks(other));
        return division.policy().gangs().contains(share.tenant()) && !(full && othersLack)
                ? GpuBinding.GANG
                : GpuBinding.OTHERS;
    }

    private static boolean lacks(Share share) {
        return share.share() < share.demand() - SAME;
    }

    private static List<GpuExplanation.Flow> flows(Share mine, List<Share> shares, int direction) {
        double over = direction * over(mine);
        if (over <= SAME) {
            return List.of();
        }
        double lent = 0;
        double borrowed = 0;
        for (Share other : shares) {
            lent += Math.max(0, -over(other));
            borrowed += Math.max(0, over(other));
        }
        List<GpuExplanation.Flow> flows = new ArrayList<>();
        for (Share other : shares) {
            double part = over * -direction * over(other) / Math.max(lent, borrowed);
            if (part > SAME) {
                flows.add(new GpuExplanation.Flow(other.tenant(), part));
            }
        }
        flows.sort(Comparator.comparingDouble(GpuExplanation.Flow::part)
                .reversed()
                .thenComparing(GpuExplanation.Flow::tenant));
        return flows;
    }

    private static double over(Share share) {
        return share.share() - share.guaranteed();
    }
}
