package io.aliquot.controller.fairshare;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Weighted max-min on one GPU, in permille: claim i with weight w, low φ = min(floor, demand) and high κ = min(ceiling,
 * demand) gets clamp(λ·w, φ, κ), with the one level λ at which these sum to min(budget, Σκ) ({@link WaterLevel}). When Σφ
 * exceeds the budget, each gets φ·budget/Σφ and the answer says so.
 *
 * <p>Each share is rounded down to a whole permille, so it is less than 1 permille below its exact value, order and scale
 * change nothing, and a share never shrinks when its weight grows. O(k log k) for k claims. Pure; any thread.
 */
public final class WaterFilling implements FairShareSolver {
    /**
     * Added before rounding down. An exact share is a fraction whose denominator is a sum of weights: at most 1000 of at
     * most 1000000, so one that is not whole is at least 1e-9 below the next whole one. That is more than this, and this is
     * more than the rounding of doubles.
     */
    private static final double ROUNDING = 1e-10;

    @Override
    public Allocation solve(Demand demand) {
        List<Claim> claims = demand.claims();
        long low = claims.stream().mapToLong(Claim::low).sum();
        if (low > demand.budgetPermille()) {
            return scaledFloors(demand, low);
        }
        double[] shares = new double[claims.size()];
        WaterLevel.fill(
                demand.budgetPermille(),
                each(claims, Claim::weight),
                each(claims, Claim::low),
                each(claims, Claim::high),
                shares,
                claims.size());
        Map<String, Integer> permille = HashMap.newHashMap(claims.size());
        for (int i = 0; i < shares.length; i++) {
            permille.put(claims.get(i).tenant(), (int) (shares[i] + ROUNDING));
        }
        return new Allocation(permille, false);
    }

    private static double[] each(List<Claim> claims, ToDoubleFunction<Claim> value) {
        return claims.stream().mapToDouble(value).toArray();
    }

    private static Allocation scaledFloors(Demand demand, long low) {
        Map<String, Integer> shares = HashMap.newHashMap(demand.claims().size());
        for (Claim claim : demand.claims()) {
            shares.put(claim.tenant(), (int) ((long) claim.low() * demand.budgetPermille() / low));
        }
        return new Allocation(shares, true);
    }
}
