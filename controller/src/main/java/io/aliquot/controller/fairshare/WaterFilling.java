package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Weighted max-min by water-filling. Claim i with weight w, low φ = min(floor, demand) and high κ = min(ceiling, demand) gets
 * clamp(λ·w, φ, κ), with the one level λ at which these sum to min(budget, Σκ) (Bertsekas and Gallager, Data Networks, §6.5,
 * with weights and bounds). When Σφ exceeds the budget, each gets φ·budget/Σφ and the answer says so.
 *
 * <p>Exact: λ is kept as a fraction of whole numbers. Only the result is rounded, each share down to a whole permille, so a
 * share is less than 1 permille below its exact value, order and scale change nothing, and a share never shrinks when its
 * weight grows. O(k log k) for k claims. Pure; any thread.
 */
public final class WaterFilling implements FairShareSolver {
    /** λ = permille/weight at which a claim starts to rise above its low, or stops at its high. */
    private record Breakpoint(Claim claim, int permille, boolean rises) implements Comparable<Breakpoint> {
        @Override
        public int compareTo(Breakpoint other) {
            return Long.compare((long) permille * other.claim.weight(), (long) other.permille * claim.weight());
        }
    }

    /** λ as numerator/denominator. */
    private record Level(long numerator, long denominator) {
        int shareOf(Claim claim) {
            long share = numerator * claim.weight() / denominator;
            return Math.clamp(share, claim.low(), claim.high());
        }
    }

    @Override
    public Allocation solve(Demand demand) {
        long low = demand.claims().stream().mapToLong(Claim::low).sum();
        long high = demand.claims().stream().mapToLong(Claim::high).sum();
        if (low > demand.budgetPermille()) {
            return scaledFloors(demand, low);
        }
        Map<String, Integer> shares = HashMap.newHashMap(demand.claims().size());
        if (high <= demand.budgetPermille()) {
            demand.claims().forEach(claim -> shares.put(claim.tenant(), claim.high()));
        } else {
            Level level = level(demand, low);
            demand.claims().forEach(claim -> shares.put(claim.tenant(), level.shareOf(claim)));
        }
        return new Allocation(shares, false);
    }

    private static Allocation scaledFloors(Demand demand, long low) {
        Map<String, Integer> shares = HashMap.newHashMap(demand.claims().size());
        for (Claim claim : demand.claims()) {
            shares.put(claim.tenant(), (int) ((long) claim.low() * demand.budgetPermille() / low));
        }
        return new Allocation(shares, true);
    }

    /** The level at which the budget is used up; lows fit and highs do not. */
    private static Level level(Demand demand, long low) {
        long fixed = low;
        long rising = 0;
        for (Breakpoint point : breakpoints(demand.claims())) {
            long left = demand.budgetPermille() - fixed;
            if (rising > 0 && rising * point.permille >= left * point.claim.weight()) {
                return new Level(left, rising);
            }
            fixed += point.rises ? -point.permille : point.permille;
            rising += point.rises ? point.claim.weight() : -point.claim.weight();
        }
        throw new AssertionError("highs exceed the budget, so a level exists: " + demand);
    }

    private static List<Breakpoint> breakpoints(List<Claim> claims) {
        List<Breakpoint> points = new ArrayList<>(2 * claims.size());
        for (Claim claim : claims) {
            if (claim.high() > claim.low()) {
                points.add(new Breakpoint(claim, claim.low(), true));
                points.add(new Breakpoint(claim, claim.high(), false));
            }
        }
        points.sort(null);
        return points;
    }
}
