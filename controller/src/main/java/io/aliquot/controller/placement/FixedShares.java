package io.aliquot.controller.placement;

/**
 * A placement in whole units of a GPU's time, as it travels. Every share is rounded down by itself, so a share that grows never
 * loses a unit, and no share depends on another's fraction; apportioning the units that this leaves by largest remainder would
 * break both (Balinski and Young, Fair Representation, 1982: the Alabama paradox). What is left is less than a unit for each tenant
 * of the GPU: with millionths, 10 tenants leave less than 0.001 % of it, and the node's arbiter gives that to whoever is busy.
 *
 * <p>A share within a millionth of a unit below a whole number counts as that number, so 0.3 of a GPU is 300 permille. The edges
 * of a gang get the same units exactly.
 */
public final class FixedShares {
    public static final int PERMILLE = 1000;
    public static final int MILLIONTHS = 1_000_000;

    /** Of a unit. With at most 1000 tenants on a GPU the sum stays below one unit too many, so it is none. */
    private static final double ROUNDING = 1e-6;

    private FixedShares() {}

    /**
     * @param unitsPerGpu how many units a GPU's time has, 1 to 1e6
     * @return units for each edge; on each GPU in sum at most {@code unitsPerGpu}
     */
    public static int[] of(Placement placement, int unitsPerGpu) {
        if (unitsPerGpu < 1 || unitsPerGpu > MILLIONTHS) {
            throw new IllegalArgumentException("unitsPerGpu " + unitsPerGpu + ": expected 1 to " + MILLIONTHS);
        }
        PlacementProblem p = placement.problem();
        int[] units = new int[p.edges()];
        for (int g = 0; g < p.gpus(); g++) {
            for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                double share = placement.amount(e) / p.capacity[g];
                units[e] = (int) Math.min(unitsPerGpu, Math.floor(share * unitsPerGpu + ROUNDING));
            }
        }
        for (int k = 0; k < p.gangs(); k++) {
            int least = unitsPerGpu;
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                least = Math.min(least, units[p.gangEdge[m]]);
            }
            for (int m = p.gangStart[k]; m < p.gangStart[k + 1]; m++) {
                units[p.gangEdge[m]] = least;
            }
        }
        return units;
    }
}
