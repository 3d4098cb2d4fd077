package io.aliquot.controller.division;

import java.util.List;

/**
 * Why a tenant has its share of one GPU. Immutable. Lending is counted against what is guaranteed: who has less lends, who has
 * more borrows, and what all lenders on the GPU lend goes to all borrowers in proportion to what they borrow.
 *
 * @param borrowsFrom the largest first
 * @param lendsTo the largest first
 */
public record GpuExplanation(
        String node,
        String gpu,
        double speed,
        Share share,
        GpuBinding binding,
        List<Flow> borrowsFrom,
        List<Flow> lendsTo) {
    public GpuExplanation {
        borrowsFrom = List.copyOf(borrowsFrom);
        lendsTo = List.copyOf(lendsTo);
    }

    /**
     * What passes between two tenants.
     *
     * @param part of the GPU's time, above 0 to 1
     */
    public record Flow(String tenant, double part) {}
}
