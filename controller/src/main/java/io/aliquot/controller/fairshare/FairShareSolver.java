package io.aliquot.controller.fairshare;

/** Splits a GPU's time among tenants by weight, between floors and ceilings. Pure; any thread. */
public interface FairShareSolver {
    /** @return shares in permille of one GPU; in sum at most the budget */
    Allocation solve(Demand demand);
}
