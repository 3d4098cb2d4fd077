package io.aliquot.controller.fairshare;

import java.util.Objects;

/**
 * What one tenant may claim of one GPU, in permille of its time. Immutable.
 *
 * @param tenant who claims; unique within a {@link Demand}
 * @param weight relative claim under contention, 1 to 1000000
 * @param floorPermille guaranteed up to the demand, 0 to ceiling
 * @param ceilingPermille never planned above, floor to 1000
 * @param demandPermille how much the tenant could use now, 0 to 1000
 */
public record Claim(String tenant, int weight, int floorPermille, int ceilingPermille, int demandPermille) {
    /** A whole GPU, in permille. */
    public static final int WHOLE = 1000;

    /** The largest weight: with 1000 tenants, products of weights and permille stay far inside a long. */
    public static final int MAX_WEIGHT = 1_000_000;

    /** @throws IllegalArgumentException naming the field, its value and its range */
    public Claim {
        Objects.requireNonNull(tenant, "tenant");
        check(tenant, "weight", weight, 1, MAX_WEIGHT);
        check(tenant, "floorPermille", floorPermille, 0, WHOLE);
        check(tenant, "ceilingPermille", ceilingPermille, floorPermille, WHOLE);
        check(tenant, "demandPermille", demandPermille, 0, WHOLE);
    }

    /** What it is owed before anyone is given more: the floor, as far as it would be used. */
    int low() {
        return Math.min(floorPermille, demandPermille);
    }

    /** What it can take at most. */
    int high() {
        return Math.min(ceilingPermille, demandPermille);
    }

    private static void check(String tenant, String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "tenant " + tenant + ": " + field + " " + value + ": expected " + least + " to " + most);
        }
    }
}
