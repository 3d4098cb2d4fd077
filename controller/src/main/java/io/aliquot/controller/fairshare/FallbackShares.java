package io.aliquot.controller.fairshare;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The static split: what each tenant holds itself to when nobody arbitrates. Everyone is taken to want all, so nothing is
 * lent, and everyone gets at least 1 permille, so nobody stops. Pure; any thread.
 */
public final class FallbackShares {
    /** More tenants than this can't have 1 permille each. */
    public static final int MAX_TENANTS = Claim.WHOLE;

    private FallbackShares() {}

    /**
     * Splits a whole GPU by weight between floors and ceilings; demands are ignored.
     *
     * @return at least 1 permille for each tenant, at most 1000 in sum; whole permille, rounded down
     * @throws IllegalArgumentException above {@link #MAX_TENANTS} claims
     */
    public static Map<String, Integer> split(FairShareSolver solver, List<Claim> claims) {
        if (claims.size() > MAX_TENANTS) {
            throw new IllegalArgumentException(claims.size() + " tenants: at most " + MAX_TENANTS + " can share a GPU");
        }
        List<Claim> eager = claims.stream().map(FallbackShares::eager).toList();
        Allocation allocation = solver.solve(Demand.ofWholeGpu(eager));
        return allocation.floorsScaled() ? oneEachThenByFloor(eager) : allocation.permilleByTenant();
    }

    private static Claim eager(Claim claim) {
        int ceiling = Math.max(1, claim.ceilingPermille());
        int floor = Math.max(1, claim.floorPermille());
        return new Claim(claim.tenant(), claim.weight(), floor, ceiling, Claim.WHOLE);
    }

    private static Map<String, Integer> oneEachThenByFloor(List<Claim> claims) {
        long left = (long) Claim.WHOLE - claims.size();
        long floors = claims.stream().mapToLong(c -> c.floorPermille() - 1L).sum();
        Map<String, Integer> shares = HashMap.newHashMap(claims.size());
        claims.forEach(c -> shares.put(c.tenant(), 1 + (int) ((c.floorPermille() - 1L) * left / floors)));
        return Map.copyOf(shares);
    }
}
