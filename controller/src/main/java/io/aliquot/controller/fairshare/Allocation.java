package io.aliquot.controller.fairshare;

import java.util.Map;

/**
 * The answer to a {@link Demand}. Immutable.
 *
 * @param permilleByTenant whole permille of the GPU for every tenant that claimed; never more in sum than the budget
 * @param floorsScaled true when the floors in use exceed the budget and were cut in proportion: an alert
 */
public record Allocation(Map<String, Integer> permilleByTenant, boolean floorsScaled) {
    public Allocation {
        permilleByTenant = Map.copyOf(permilleByTenant);
    }

    /** The tenant's share in permille; 0 when it did not claim. */
    public int permille(String tenant) {
        return permilleByTenant.getOrDefault(tenant, 0);
    }
}
