package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has work where, as numbers: an edge is one tenant's work on one GPU. Edges lie in the order of GPUs and, on a GPU, of
 * their tenants' numbers. A tenant's number is its node in the tree; where it gets only what nobody else wants (a GPU that is
 * not meant for it, or programs of a tenant that has tenants in it) it is {@code tree.size()} more.
 */
final class Layout {
    final GpuPolicy policy;
    final List<Gpu> gpus;
    /** GPU-equivalents of each GPU. */
    final double[] capacity;
    /** First edge of each GPU; one more at the end. */
    final int[] start;
    /** Tenant's number, per edge. */
    final int[] tenant;
    /** GPU, per edge. */
    final int[] gpu;
    /** GPU-equivalents, per edge; the same part of each of a gang's GPUs. */
    final double[] demand;

    final double[] use;
    /** Edges of each tenant, whatever its number there; by node of the tree. */
    final int[][] edges;

    final double total;
    /** Tenants and GPUs have the numbers that they had before. */
    final boolean keepsNumbers;
    /** Everything but demands and use is as before. */
    final boolean keepsEdges;

    private final Map<String, Integer> gpuByUuid;

    /** @param before the tick before's; null: none */
    Layout(GpuPolicy policy, List<Gpu> gpus, @Nullable Layout before) {
        this.policy = policy;
        this.gpus = List.copyOf(gpus);
        PolicyTree tree = policy.tree();
        int most = gpus.stream().mapToInt(g -> g.work().size()).sum();
        capacity = new double[gpus.size()];
        start = new int[gpus.size() + 1];
        int[] tenants = new int[most];
        int[] gpuOf = new int[most];
        double[] demands = new double[most];
        double[] uses = new double[most];
        int count = 0;
        double sum = 0;
        record Placed(int tenant, Gpu.Work work) {}
        List<Placed> placed = new ArrayList<>();
        for (int g = 0; g < capacity.length; g++) {
            Gpu one = gpus.get(g);
            capacity[g] = policy.speed(one.labels());
            sum += capacity[g];
            placed.clear();
            for (Gpu.Work work : one.work()) {
                if (tree.contains(work.tenant())) {
                    placed.add(new Placed(number(work.tenant(), one), work));
                }
            }
            placed.sort(Comparator.comparingInt(Placed::tenant));
            for (Placed next : placed) {
                tenants[count] = next.tenant;
                gpuOf[count] = g;
                demands[count] = next.work.demand() * capacity[g];
                uses[count++] = next.work.use() * capacity[g];
            }
            start[g + 1] = count;
        }
        tenant = Arrays.copyOf(tenants, count);
        gpu = Arrays.copyOf(gpuOf, count);
        demand = Arrays.copyOf(demands, count);
        use = Arrays.copyOf(uses, count);
        total = sum;
        keepsNumbers = before != null && hasNumbersOf(before);
        keepsEdges = before != null
                && keepsNumbers
                && Arrays.equals(start, before.start)
                && Arrays.equals(tenant, before.tenant)
                && policy.gangs().equals(before.policy.gangs());
        edges = before != null && keepsEdges ? before.edges : byNode();
        raiseGangs();
        gpuByUuid = before != null && keepsNumbers ? before.gpuByUuid : byUuid();
    }

    /**
     * All parts of a gang want what the one wants that wants most. They wait for each other: where nothing else holds a part back
     * it uses what the slowest part gets, and seems to want no more, so that the gang would stay where it is.
     */
    private void raiseGangs() {
        for (int node = 0; node < edges.length; node++) {
            if (isGang(node)) {
                double most = 0;
                for (int e : edges[node]) {
                    most = isOwn(e) ? Math.max(most, share(e, demand[e])) : most;
                }
                for (int e : edges[node]) {
                    demand[e] = isOwn(e) ? most * capacity[gpu[e]] : demand[e];
                }
            }
        }
    }

    private Map<String, Integer> byUuid() {
        Map<String, Integer> byUuid = HashMap.newHashMap(gpus.size());
        for (int g = 0; g < gpus.size(); g++) {
            byUuid.put(gpus.get(g).uuid(), g);
        }
        return byUuid;
    }

    /** The GPU's number, or -1. */
    int gpu(String uuid) {
        return gpuByUuid.getOrDefault(uuid, -1);
    }

    private int number(String path, Gpu where) {
        PolicyTree tree = policy.tree();
        int node = tree.index(path);
        boolean own = tree.isLeaf(node) && policy.isMeantFor(path, where.labels());
        return own ? node : tree.size() + node;
    }

    private int[][] byNode() {
        int size = policy.tree().size();
        int[] count = new int[size];
        for (int t : tenant) {
            count[t % size]++;
        }
        int[][] byNode = new int[size][];
        Arrays.setAll(byNode, node -> new int[count[node]]);
        Arrays.fill(count, 0);
        for (int e = 0; e < tenant.length; e++) {
            int node = tenant[e] % size;
            byNode[node][count[node]++] = e;
        }
        return byNode;
    }

    /** Whether the edge counts for its tenant's entitlement. */
    boolean isOwn(int edge) {
        return tenant[edge] < policy.tree().size();
    }

    boolean isGang(int node) {
        return policy.gangs().contains(policy.tree().path(node));
    }

    /** The part of the GPU's time that is the amount. */
    double share(int edge, double amountGpus) {
        return amountGpus / capacity[gpu[edge]];
    }

    /** What each tenant wants of the GPUs that are meant for it. */
    TenantValues demand() {
        return sum(demand);
    }

    /** What each tenant would want if it wanted all of those GPUs. */
    TenantValues eagerDemand() {
        double[] all = new double[demand.length];
        Arrays.setAll(all, e -> capacity[gpu[e]]);
        return sum(all);
    }

    private TenantValues sum(double[] amount) {
        return TenantValues.by(policy.tree(), node -> {
            double sum = 0;
            for (int e : edges[node]) {
                sum += isOwn(e) ? amount[e] : 0;
            }
            return sum;
        });
    }

    /** What each tenant used, with what those in it did. */
    TenantValues use() {
        PolicyTree tree = policy.tree();
        double[] sum = new double[tree.size()];
        for (int e = 0; e < use.length; e++) {
            sum[tenant[e] % tree.size()] += use[e];
        }
        for (int node = tree.size() - 1; node > PolicyTree.ROOT; node--) {
            sum[tree.parent(node)] += sum[node];
        }
        return TenantValues.by(tree, node -> sum[node]);
    }

    private boolean hasNumbersOf(Layout other) {
        if (!policy.tree().equals(other.policy.tree()) || !Arrays.equals(capacity, other.capacity)) {
            return false;
        }
        for (int g = 0; g < capacity.length; g++) {
            Gpu one = gpus.get(g);
            Gpu two = other.gpus.get(g);
            if (!one.uuid().equals(two.uuid()) || !one.node().equals(two.node())) {
                return false;
            }
        }
        return true;
    }
}
