package io.aliquot.controller.state;

import io.aliquot.controller.division.Divider;
import io.aliquot.controller.division.Division;
import io.aliquot.controller.division.Gpu;
import io.aliquot.controller.division.GpuPolicy;
import io.aliquot.controller.division.Share;
import io.aliquot.controller.fairshare.Claim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Between the cluster's state and its division: what the policies and reports say to the divider, and what its answer says to a
 * node. Pure; any thread.
 */
public final class Planner {
    /** Tenants that a node has room for (NODE_TENANTS of the node library). */
    static final int MAX_TENANTS = 128;

    private static final int MILLIONTHS = 1_000_000;

    /** A share that is so little below a whole permille is that. */
    private static final double ROUNDING = 1e-6;

    private Planner() {}

    /**
     * Divides the GPUs of all nodes that report; a silent node keeps what it was last told.
     *
     * @param before the last division; null for the first one
     * @param seconds since then
     */
    public static Division divide(ClusterState state, @Nullable Division before, double seconds) {
        return Divider.next(before, policy(state), gpus(state), seconds);
    }

    private static GpuPolicy policy(ClusterState state) {
        Set<String> gangs = new HashSet<>();
        Map<String, Map<String, String>> parts = new HashMap<>();
        Map<String, Double> speeds = new HashMap<>();
        state.quotas().forEach((tenant, quota) -> {
            if (quota.gang()) {
                gangs.add(tenant);
            }
            if (!quota.gpuLabels().isEmpty()) {
                parts.put(tenant, quota.gpuLabels());
            }
            quota.gpuSpeedPermille().forEach((label, permille) -> speeds.put(label, permille / (double) Claim.WHOLE));
        });
        return new GpuPolicy(state.tree(), gangs, parts, speeds);
    }

    private static List<Gpu> gpus(ClusterState state) {
        List<Gpu> gpus = new ArrayList<>();
        state.nodes().values().stream()
                .filter(node -> !node.silent())
                .forEach(node -> node.report().gpus().forEach(gpu -> gpus.add(gpu(node, gpu))));
        return gpus;
    }

    private static Gpu gpu(NodeState node, NodeReport.Gpu gpu) {
        Map<String, String> labels = new HashMap<>(node.report().labels());
        labels.put("model", gpu.name());
        labels.put("node", node.report().node());
        labels.put("uuid", gpu.uuid());
        List<Gpu.Work> work = new ArrayList<>();
        for (NodeReport.Tenant tenant : gpu.tenants()) {
            node.usage(gpu.uuid(), tenant.tenant())
                    .ifPresent(usage -> work.add(new Gpu.Work(
                            tenant.tenant(), part(usage.demandPermille()), part(usage.achievedPermille()))));
        }
        return new Gpu(node.report().node(), gpu.uuid(), labels, work);
    }

    private static double part(double permille) {
        return Math.clamp(permille / Claim.WHOLE, 0, 1);
    }

    /** What the division says to a node: the tenants that have work there, and as many others as it has room for. */
    public static NodePlan plan(ClusterState state, Division division, NodeState node) {
        List<String> tenants = tenants(state, node);
        Map<String, Integer> fallback = fallbackPermille(division, tenants);
        return new NodePlan(
                node.report().node(),
                node.report().gpus().stream()
                        .map(gpu -> gpu(state, division, gpu.uuid(), tenants, fallback))
                        .toList());
    }

    private static List<String> tenants(ClusterState state, NodeState node) {
        List<String> tenants = new ArrayList<>();
        node.report()
                .gpus()
                .forEach(gpu -> gpu.tenants().forEach(t -> {
                    if (t.processes() > 0 && state.tree().contains(t.tenant()) && !tenants.contains(t.tenant())) {
                        tenants.add(t.tenant());
                    }
                }));
        Set<String> here = Set.copyOf(tenants);
        for (String tenant : state.quotas().keySet()) {
            boolean runs = !tenant.equals(Quota.CLUSTER)
                    && state.tree().isLeaf(state.tree().index(tenant));
            if (runs && !here.contains(tenant)) {
                tenants.add(tenant);
            }
        }
        return tenants.stream().limit(MAX_TENANTS).sorted().toList();
    }

    /** The policy's parts, rounded down; where some are too small to be told, everyone's first permille comes off the top. */
    private static Map<String, Integer> fallbackPermille(Division division, List<String> tenants) {
        double all = tenants.stream().mapToDouble(division::ofOneGpu).sum();
        Map<String, Integer> exact = new HashMap<>();
        Map<String, Integer> afterOneEach = new HashMap<>();
        for (String tenant : tenants) {
            double part = all > 0 ? Math.min(1, division.ofOneGpu(tenant) / all) : 0;
            exact.put(tenant, Math.max(1, (int) (Claim.WHOLE * part + ROUNDING)));
            afterOneEach.put(tenant, 1 + (int) ((Claim.WHOLE - tenants.size()) * part));
        }
        int sum = exact.values().stream().mapToInt(permille -> permille).sum();
        return sum <= Claim.WHOLE ? exact : afterOneEach;
    }

    private static NodePlan.Gpu gpu(
            ClusterState state, Division division, String uuid, List<String> tenants, Map<String, Integer> fallback) {
        int gpu = division.gpu(uuid);
        Map<String, Share> shares = new TreeMap<>();
        if (gpu >= 0) {
            division.shares(gpu).forEach(share -> shares.put(share.tenant(), share));
            tenants.forEach(tenant -> shares.computeIfAbsent(tenant, t -> division.newcomer(t, gpu)));
        }
        double left = 1
                - shares.values().stream()
                        .filter(share -> share.demand() > 0)
                        .mapToDouble(Share::floor)
                        .sum();
        List<NodePlan.Share> planned = new ArrayList<>();
        for (String tenant : tenants) {
            Share share = shares.get(tenant);
            if (share != null) {
                double floor = share.demand() > 0 ? share.floor() : Math.clamp(left, 0, share.floor());
                left -= share.demand() > 0 ? 0 : floor;
                planned.add(share(quota(state, tenant), share, floor, fallback.getOrDefault(tenant, 1)));
            }
        }
        return new NodePlan.Gpu(uuid, planned);
    }

    private static Quota quota(ClusterState state, String tenant) {
        Quota quota = state.quotas().get(tenant);
        if (quota == null) {
            throw new IllegalStateException("tenant '" + tenant + "' is in the tree and has no quota");
        }
        return quota;
    }

    private static NodePlan.Share share(Quota quota, Share share, double floor, int fallback) {
        int ceiling = Math.clamp((long) Math.ceil(share.ceiling() * Claim.WHOLE - ROUNDING), 1, Claim.WHOLE);
        return new NodePlan.Share(
                quota.tenant(),
                Math.clamp(Math.round(share.weight() * MILLIONTHS), 1, MILLIONTHS),
                Math.min(ceiling, (int) (floor * Claim.WHOLE + ROUNDING)),
                ceiling,
                share.hardCeiling(),
                quota.serviceClass(),
                quota.memoryLimitBytes(),
                (int) Math.round(share.share() * Claim.WHOLE),
                (int) (share.guaranteed() * Claim.WHOLE + ROUNDING),
                fallback,
                quota.version());
    }
}
