package io.aliquot.controller.fairshare;

/**
 * A floor that could not be met: the floors in use under one parent exceed what the parent has. An alert. Immutable.
 *
 * @param path whose floor
 * @param floorGpus what the tenant would use of its floor now, GPU-equivalents
 * @param grantedGpus what it is entitled to, less than that
 */
public record Unmet(String path, double floorGpus, double grantedGpus) {
    @Override
    public String toString() {
        return "floor of tenant '" + path + "' is not met: it would use " + Words.gpus(floorGpus) + " of it and gets "
                + Words.gpus(grantedGpus) + ": add GPUs, or lower floors beside or above it";
    }
}
