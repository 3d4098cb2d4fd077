package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.Explanation;
import java.util.List;

/**
 * Why a tenant has what it has: in the tree, and on each GPU on which it, or a tenant in it, has work. Immutable.
 *
 * @param publishedGpus the entitlement that nodes were told, which follows the present one by up to two ticks; GPU-equivalents
 * @param sharedGpus what it gets of its GPUs, GPU-equivalents
 * @param usedGpus what it used, GPU-equivalents
 * @param atOnceGpus the part of its floors that its GPUs' arbiters give it within a turn, without the controller;
 *     GPU-equivalents
 */
public record TenantExplanation(
        Explanation entitlement,
        double publishedGpus,
        double sharedGpus,
        double usedGpus,
        double atOnceGpus,
        List<GpuExplanation> gpus) {
    public TenantExplanation {
        gpus = List.copyOf(gpus);
    }
}
