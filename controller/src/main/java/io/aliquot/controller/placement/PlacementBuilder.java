package io.aliquot.controller.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects tenants, GPUs, edges and gangs, in any order of edges, and makes a {@link PlacementProblem} of them. Every number is
 * checked where it is added; an error names it, its range and the place. Not for several threads at once.
 */
public final class PlacementBuilder {
    private static final int GROWTH = 16;

    private double[] entitlement = new double[GROWTH];
    private double[] capacity = new double[GROWTH];
    private int tenants;
    private int gpus;
    private int edges;
    /** GPU in the high half, tenant in the low half: the order of edges. */
    private long[] place = new long[GROWTH];

    private double[] floor = new double[GROWTH];
    private double[] demand = new double[GROWTH];
    private final List<int[]> gangGpus = new ArrayList<>();
    private final List<Integer> gangTenant = new ArrayList<>();

    /**
     * @param entitlement GPU-equivalents, 0 to 1e9; a tenant of 0 gets what no other tenant on the GPU can use
     * @return the tenant's number
     */
    public int addTenant(double entitlement) {
        Checks.range(entitlement, 0, Checks.LARGEST, "tenant", tenants, "entitlement");
        this.entitlement = room(this.entitlement, tenants);
        this.entitlement[tenants] = entitlement;
        return tenants++;
    }

    /**
     * @param capacity speed factor, GPU-equivalents, 1e-6 to 1e9
     * @return the GPU's number
     */
    public int addGpu(double capacity) {
        Checks.range(capacity, Checks.SMALLEST_CAPACITY, Checks.LARGEST, "GPU", gpus, "capacity");
        this.capacity = room(this.capacity, gpus);
        this.capacity[gpus] = capacity;
        return gpus++;
    }

    /**
     * Says that a tenant has work on a GPU.
     *
     * @param floor GPU-equivalents guaranteed as far as the demand goes, 0 to the GPU's capacity
     * @param demand GPU-equivalents it could use, 0 to the GPU's capacity
     */
    public PlacementBuilder addEdge(int tenant, int gpu, double floor, double demand) {
        Checks.index(tenant, tenants, "tenant");
        Checks.index(gpu, gpus, "GPU");
        check(tenant, gpu, "floor", floor);
        check(tenant, gpu, "demand", demand);
        if (edges == place.length) {
            place = Arrays.copyOf(place, 2 * edges);
        }
        this.floor = room(this.floor, edges);
        this.demand = room(this.demand, edges);
        place[edges] = place(tenant, gpu);
        this.floor[edges] = floor;
        this.demand[edges] = demand;
        edges++;
        return this;
    }

    /** Says that a tenant's work on these GPUs is one job and must get the same share of each; two GPUs at least. */
    public PlacementBuilder addGang(int tenant, int... onGpus) {
        Checks.index(tenant, tenants, "tenant");
        if (onGpus.length < 2) {
            throw new IllegalArgumentException(
                    "gang of tenant " + tenant + " on " + onGpus.length + " GPUs: expected 2 or more, or no gang");
        }
        for (int gpu : onGpus) {
            Checks.index(gpu, gpus, "GPU");
        }
        gangTenant.add(tenant);
        gangGpus.add(onGpus.clone());
        return this;
    }

    /** @throws IllegalArgumentException naming an edge that was added twice, or that a gang lacks or shares with a gang */
    public PlacementProblem build() {
        int[] order = order();
        int[] gpuStart = new int[gpus + 1];
        int[] tenantOf = new int[edges];
        double[] floors = new double[edges];
        double[] demands = new double[edges];
        for (int e = 0; e < edges; e++) {
            long at = place[order[e]];
            if (e > 0 && at == place[order[e - 1]]) {
                throw new IllegalArgumentException(Checks.edge((int) at, (int) (at >>> 32))
                        + "added twice: add it once, with the sum of its work");
            }
            gpuStart[(int) (at >>> 32) + 1]++;
            tenantOf[e] = (int) at;
            floors[e] = floor[order[e]];
            demands[e] = demand[order[e]];
        }
        for (int g = 0; g < gpus; g++) {
            gpuStart[g + 1] += gpuStart[g];
        }
        return withGangs(new PlacementProblem(
                Arrays.copyOf(entitlement, tenants),
                Arrays.copyOf(capacity, gpus),
                gpuStart,
                tenantOf,
                floors,
                demands,
                new int[1],
                new int[0],
                filled(edges, -1)));
    }

    private PlacementProblem withGangs(PlacementProblem p) {
        int[] gangStart = new int[gangGpus.size() + 1];
        int[] gangEdge = new int[gangGpus.stream().mapToInt(g -> g.length).sum()];
        int next = 0;
        for (int k = 0; k < gangGpus.size(); k++) {
            int tenant = gangTenant.get(k);
            for (int gpu : gangGpus.get(k)) {
                int edge = p.edge(tenant, gpu);
                if (edge < 0) {
                    throw new IllegalArgumentException("gang " + k + ": tenant " + tenant + " has no work on GPU " + gpu
                            + ": add that edge, or leave the GPU out");
                }
                if (p.gangOf[edge] >= 0) {
                    throw new IllegalArgumentException("gang " + k + ": " + Checks.edge(tenant, gpu)
                            + "already in gang " + p.gangOf[edge] + ": an edge can be in one gang only");
                }
                p.gangOf[edge] = k;
                gangEdge[next++] = edge;
            }
            gangStart[k + 1] = next;
            Arrays.sort(gangEdge, gangStart[k], next);
        }
        return new PlacementProblem(
                p.entitlement, p.capacity, p.gpuStart, p.tenantOf, p.floor, p.demand, gangStart, gangEdge, p.gangOf);
    }

    private int[] order() {
        int[] order = new int[edges];
        int[] count = new int[gpus + 1];
        for (int e = 0; e < edges; e++) {
            count[(int) (place[e] >>> 32) + 1]++;
        }
        for (int g = 0; g < gpus; g++) {
            count[g + 1] += count[g];
        }
        int[] next = count.clone();
        for (int e = 0; e < edges; e++) {
            order[next[(int) (place[e] >>> 32)]++] = e;
        }
        for (int g = 0; g < gpus; g++) {
            sortByTenant(order, count[g], count[g + 1]);
        }
        return order;
    }

    private void sortByTenant(int[] order, int from, int to) {
        long[] keys = new long[to - from];
        for (int k = from; k < to; k++) {
            keys[k - from] = (place[order[k]] << 32) | order[k];
        }
        Arrays.sort(keys);
        for (int k = from; k < to; k++) {
            order[k] = (int) keys[k - from];
        }
    }

    private void check(int tenant, int gpu, String field, double value) {
        if (!(value >= 0 && value <= capacity[gpu])) {
            throw new IllegalArgumentException(Checks.edge(tenant, gpu) + field + " " + value
                    + ": expected 0 to the GPU's capacity " + capacity[gpu]);
        }
    }

    private static long place(int tenant, int gpu) {
        return ((long) gpu << 32) | tenant;
    }

    private static double[] room(double[] values, int size) {
        return size == values.length ? Arrays.copyOf(values, 2 * size) : values;
    }

    private static int[] filled(int size, int value) {
        int[] values = new int[size];
        Arrays.fill(values, value);
        return values;
    }
}
