package io.aliquot.controller.placement;

import java.util.Arrays;

/**
 * Who may use which GPU, how much of it, and what each tenant is entitled to over all of them. Immutable; any thread.
 *
 * <p>An edge is one tenant's work on one GPU. Edges are numbered by GPU and within a GPU by tenant (compressed rows), so
 * edges of GPU g are {@code firstEdge(g)} to {@code firstEdge(g + 1) - 1}. A copy with a few changed demands shares everything
 * but the demands: 1000 tenants, 80,000 GPUs and 320,000 edges copy 2.5 MB.
 *
 * <p>A gang is one tenant's job over several GPUs whose ranks wait for each other. All its edges get the same share of their
 * GPU's time; its floor is the smallest of its edges' floors, its demand the smallest of their demands, each as a share.
 */
public final class PlacementProblem {
    final double[] entitlement;
    final double[] capacity;
    final int[] gpuStart;
    final int[] tenantOf;
    final double[] floor;
    final double[] demand;
    final int[] gangStart;
    final int[] gangEdge;
    final int[] gangOf;

    /** Takes the arrays as they are: {@link PlacementBuilder} has validated and owns them. */
    PlacementProblem(
            double[] entitlement,
            double[] capacity,
            int[] gpuStart,
            int[] tenantOf,
            double[] floor,
            double[] demand,
            int[] gangStart,
            int[] gangEdge,
            int[] gangOf) {
        this.entitlement = entitlement;
        this.capacity = capacity;
        this.gpuStart = gpuStart;
        this.tenantOf = tenantOf;
        this.floor = floor;
        this.demand = demand;
        this.gangStart = gangStart;
        this.gangEdge = gangEdge;
        this.gangOf = gangOf;
    }

    public int tenants() {
        return entitlement.length;
    }

    public int gpus() {
        return capacity.length;
    }

    public int edges() {
        return tenantOf.length;
    }

    public int gangs() {
        return gangStart.length - 1;
    }

    /** The GPU's speed factor, GPU-equivalents. */
    public double capacity(int gpu) {
        return capacity[gpu];
    }

    /** GPU-equivalents; only the ratio to other tenants' counts here. */
    public double entitlement(int tenant) {
        return entitlement[tenant];
    }

    /** The GPU's first edge; with {@code gpus()}, one past the last edge of all. */
    public int firstEdge(int gpu) {
        return gpuStart[gpu];
    }

    public int tenant(int edge) {
        return tenantOf[edge];
    }

    /** The edge's GPU. O(log GPUs). */
    public int gpu(int edge) {
        int at = Arrays.binarySearch(gpuStart, edge);
        int gpu = at >= 0 ? at : -at - 2;
        while (gpuStart[gpu + 1] == edge) {
            gpu++;
        }
        return gpu;
    }

    /** The edge of a tenant on a GPU, or -1 where it has no work. O(log k) for k tenants on the GPU. */
    public int edge(int tenant, int gpu) {
        int at = Arrays.binarySearch(tenantOf, gpuStart[gpu], gpuStart[gpu + 1], tenant);
        return at >= 0 ? at : -1;
    }

    /** GPU-equivalents guaranteed on this GPU, up to the demand. */
    public double floor(int edge) {
        return floor[edge];
    }

    /** GPU-equivalents that the tenant could use on this GPU now. */
    public double demand(int edge) {
        return demand[edge];
    }

    /** The edge's gang, or -1. */
    public int gang(int edge) {
        return gangOf[edge];
    }

    /** The smallest share of a GPU's time that a gang has, where its edges have these amounts; GPU-equivalents, per edge. */
    double smallestShare(int gang, double[] amount) {
        double share = Double.POSITIVE_INFINITY;
        for (int m = gangStart[gang]; m < gangStart[gang + 1]; m++) {
            int e = gangEdge[m];
            share = Math.min(share, amount[e] / capacity[gpu(e)]);
        }
        return share;
    }

    /**
     * The same problem with other demands for some edges: a tick. Of an edge named twice the last demand counts.
     *
     * @param edges as {@link #edge} numbers them
     * @param demands GPU-equivalents, 0 to the GPU's capacity, one for each of the edges
     * @throws IllegalArgumentException naming the edge, the value and the range
     */
    public PlacementProblem withDemands(int[] edges, double[] demands) {
        return withBounds(floor, changed(demand, edges, demands, "demand"));
    }

    /** The same problem with other floors for some edges; see {@link #withDemands}. */
    public PlacementProblem withFloors(int[] edges, double[] floors) {
        return withBounds(changed(floor, edges, floors, "floor"), demand);
    }

    /**
     * The same problem with other entitlements.
     *
     * @param entitlements GPU-equivalents, one for each tenant, at least 0
     * @throws IllegalArgumentException naming the tenant, the value and the range
     */
    public PlacementProblem withEntitlements(double[] entitlements) {
        if (entitlements.length != tenants()) {
            throw new IllegalArgumentException(
                    entitlements.length + " entitlements: expected one for each of " + tenants() + " tenants");
        }
        for (int i = 0; i < entitlements.length; i++) {
            Checks.range(entitlements[i], 0, Checks.LARGEST, "tenant", i, "entitlement");
        }
        return new PlacementProblem(
                entitlements.clone(), capacity, gpuStart, tenantOf, floor, demand, gangStart, gangEdge, gangOf);
    }

    private PlacementProblem withBounds(double[] floors, double[] demands) {
        return new PlacementProblem(
                entitlement, capacity, gpuStart, tenantOf, floors, demands, gangStart, gangEdge, gangOf);
    }

    private double[] changed(double[] before, int[] edges, double[] values, String field) {
        if (edges.length != values.length) {
            throw new IllegalArgumentException(
                    edges.length + " edges and " + values.length + " values of " + field + ": expected as many");
        }
        double[] after = before.clone();
        for (int k = 0; k < edges.length; k++) {
            int edge = edges[k];
            if (edge < 0 || edge >= edges()) {
                throw new IllegalArgumentException("edge " + edge + ": expected 0 to " + (edges() - 1));
            }
            double most = capacity[gpu(edge)];
            if (!(values[k] >= 0 && values[k] <= most)) {
                throw new IllegalArgumentException(Checks.edge(tenantOf[edge], gpu(edge)) + field + " " + values[k]
                        + ": expected 0 to the GPU's capacity " + most);
            }
            after[edge] = values[k];
        }
        return after;
    }
}
