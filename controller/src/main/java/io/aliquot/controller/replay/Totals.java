package io.aliquot.controller.replay;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.division.Share;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import io.aliquot.controller.state.NodeReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Sums over the time of a replay, GPU-equivalents times seconds. One thread. */
final class Totals {
    /** Who has this much less than it wants lacks something, GPU-equivalents. */
    private static final double LACKS = 0.01;

    private static final double NS_PER_SECOND = 1e9;

    private final SortedMap<String, Sums> tenants = new TreeMap<>();
    private double capacity;
    private boolean simulated;
    private long fromUnixMs;
    private long toUnixMs;

    /** One tenant's. */
    private static final class Sums {
        boolean known;
        boolean leaf;
        double used;
        double demand;
        double entitled;
        double shared;
        double guaranteed;
        double lent;
        double borrowed;
        /** Whether it lacks something now, and its sums over such times alone. */
        boolean lacks;

        double entitledLacking;
        double sharedLacking;
        double usedLacking;
    }

    /** A tick is counted. */
    void at(long unixMs) {
        fromUnixMs = fromUnixMs == 0 ? unixMs : fromUnixMs;
        toUnixMs = unixMs;
    }

    /** What a node used in its interval. */
    void used(@Nullable Division division, NodeReport report) {
        for (NodeReport.Gpu gpu : report.gpus()) {
            simulated |= gpu.simulated();
            int number = division == null ? -1 : division.gpu(gpu.uuid());
            double speed = division == null || number < 0 ? 1 : division.speed(number);
            for (NodeReport.Tenant tenant : gpu.tenants()) {
                double used = tenant.gpuNs() / NS_PER_SECOND * speed;
                Sums sums = of(tenant.tenant());
                sums.used += used;
                sums.usedLacking += sums.lacks ? used : 0;
            }
        }
    }

    /** A division was in force for so long. */
    void stood(@Nullable Division division, double seconds) {
        if (division == null) {
            return;
        }
        Map<String, double[]> now = new HashMap<>(); // demand and share
        for (int g = 0; g < division.gpus().size(); g++) {
            capacity += division.speed(g) * seconds;
            onGpu(division.shares(g), division.speed(g), seconds, now);
        }
        PolicyTree tree = division.policy().tree();
        tenants.values().forEach(sums -> {
            sums.lacks = false;
            sums.leaf = false;
        });
        for (TenantPolicy policy : tree.tenants()) {
            if (tree.isLeaf(tree.index(policy.path()))) {
                Sums sums = of(policy.path());
                double entitled = division.entitlements().of(policy.path());
                double[] mine = now.getOrDefault(policy.path(), new double[2]);
                sums.known = true;
                sums.leaf = true;
                sums.entitled += entitled * seconds;
                sums.lacks = mine[0] - mine[1] > LACKS;
                sums.entitledLacking += sums.lacks ? entitled * seconds : 0;
                sums.sharedLacking += sums.lacks ? mine[1] * seconds : 0;
            }
        }
    }

    /** What one lends of its part, others borrow: as far as somebody does. */
    private void onGpu(List<Share> shares, double speed, double seconds, Map<String, double[]> now) {
        double left = 0;
        double taken = 0;
        for (Share share : shares) {
            left += Math.max(0, share.guaranteed() - share.share());
            taken += Math.max(0, share.share() - share.guaranteed());
        }
        double matched = Math.min(left, taken);
        for (Share share : shares) {
            double time = speed * seconds;
            Sums sums = of(share.tenant());
            sums.known = true;
            sums.demand += share.demand() * time;
            sums.shared += share.share() * time;
            sums.guaranteed += share.guaranteed() * time;
            double over = share.share() - share.guaranteed();
            sums.borrowed += over > 0 ? over * matched / taken * time : 0;
            sums.lent += over < 0 ? -over * matched / left * time : 0;
            double[] mine = now.computeIfAbsent(share.tenant(), tenant -> new double[2]);
            mine[0] += share.demand() * speed;
            mine[1] += share.share() * speed;
        }
    }

    ReplayReport report(boolean asRecorded, long ticks, int terms, ReplayReport.Compared compared, List<String> notes) {
        return new ReplayReport(
                asRecorded,
                ticks,
                terms,
                fromUnixMs,
                toUnixMs,
                simulated,
                capacity,
                sum(sums -> sums.used),
                sum(sums -> sums.shared),
                jain(sums -> sums.sharedLacking),
                asRecorded ? jain(sums -> sums.usedLacking) : OptionalDouble.empty(),
                tenants.entrySet().stream()
                        .filter(entry ->
                                entry.getValue().leaf || entry.getValue().used > 0 || entry.getValue().demand > 0)
                        .map(entry -> row(entry.getKey(), entry.getValue()))
                        .toList(),
                compared,
                notes);
    }

    private static ReplayReport.Tenant row(String tenant, Sums sums) {
        return new ReplayReport.Tenant(
                tenant,
                sums.known,
                sums.used,
                sums.demand,
                sums.entitled,
                sums.shared,
                sums.guaranteed,
                sums.lent,
                sums.borrowed);
    }

    private OptionalDouble jain(ToDoubleFunction<Sums> had) {
        return Fairness.jain(tenants.values().stream()
                .filter(sums -> sums.entitledLacking > 0)
                .mapToDouble(sums -> had.applyAsDouble(sums) / sums.entitledLacking)
                .toArray());
    }

    private double sum(ToDoubleFunction<Sums> one) {
        return tenants.values().stream().mapToDouble(one).sum();
    }

    private Sums of(String tenant) {
        return tenants.computeIfAbsent(tenant, name -> new Sums());
    }
}
