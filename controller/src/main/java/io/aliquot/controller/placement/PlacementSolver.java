package io.aliquot.controller.placement;

/** Divides GPUs among the tenants that have work on them, by cluster-wide entitlements. Pure; any thread. */
public interface PlacementSolver {
    /** @return a feasible placement that uses all of each GPU that its tenants could use */
    Placement solve(PlacementProblem problem);
}
