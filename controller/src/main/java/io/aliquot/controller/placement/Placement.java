package io.aliquot.controller.placement;

/**
 * What every tenant gets of every GPU it has work on, in GPU-equivalents. Immutable; any thread. It is also where the next tick
 * starts from: see {@link IterativePlacement#solve(PlacementProblem, Placement)}.
 */
public final class Placement {
    private final PlacementProblem problem;
    private final double[] amount;
    private final double[] total;
    private final int floorsScaled;
    private final int rounds;

    /** What the solver had before gangs were made equal; the amounts themselves where there are no gangs. */
    final double[] start;

    /** Per edge of a gang, the share that its GPU alone would give it; empty where there are no gangs. */
    final double[] offer;

    Placement(PlacementProblem problem, double[] amount, double[] start, double[] offer, int floorsScaled, int rounds) {
        this.problem = problem;
        this.amount = amount;
        this.start = start;
        this.offer = offer;
        this.floorsScaled = floorsScaled;
        this.rounds = rounds;
        total = new double[problem.tenants()];
        for (int e = 0; e < amount.length; e++) {
            total[problem.tenantOf[e]] += amount[e];
        }
    }

    public PlacementProblem problem() {
        return problem;
    }

    /** GPU-equivalents on the edge's GPU. */
    public double amount(int edge) {
        return amount[edge];
    }

    /** GPU-equivalents of the tenant on the GPU; 0 where it has no work. */
    public double amount(int tenant, int gpu) {
        int edge = problem.edge(tenant, gpu);
        return edge < 0 ? 0 : amount[edge];
    }

    /** GPU-equivalents of the tenant over all GPUs. */
    public double total(int tenant) {
        return total[tenant];
    }

    /** GPUs on which the floors in use exceeded the capacity and were cut in proportion: an alert when above 0. */
    public int floorsScaled() {
        return floorsScaled;
    }

    /** Passes over the GPUs that it took; 0 from the exact solver. */
    public int rounds() {
        return rounds;
    }

    double[] amounts() {
        return amount;
    }
}
