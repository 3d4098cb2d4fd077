package io.aliquot.controller.fairshare;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All claims on one GPU. Immutable; the order of the claims has no meaning.
 *
 * @param budgetPermille what there is to give, 0 to 1000
 * @param claims at most one a tenant
 */
public record Demand(int budgetPermille, List<Claim> claims) {
    /** @throws IllegalArgumentException when the budget is out of range or a tenant claims twice */
    public Demand {
        if (budgetPermille < 0 || budgetPermille > Claim.WHOLE) {
            throw new IllegalArgumentException("budgetPermille " + budgetPermille + ": expected 0 to " + Claim.WHOLE);
        }
        claims = List.copyOf(claims);
        Set<String> seen = HashSet.newHashSet(claims.size());
        for (Claim claim : claims) {
            if (!seen.add(claim.tenant())) {
                throw new IllegalArgumentException("tenant " + claim.tenant() + " claims twice");
            }
        }
    }

    /** Claims on a whole GPU. */
    public static Demand ofWholeGpu(List<Claim> claims) {
        return new Demand(Claim.WHOLE, claims);
    }
}
