package io.aliquot.controller.division;

/**
 * A tenant's part of a GPU on which it has work; all but the weight are parts of the GPU's time, 0 to 1. Immutable.
 *
 * @param demand what it would use if nothing held it back
 * @param use what it used
 * @param share what it gets at present demand
 * @param guaranteed its fair part when all want all: what it lends when it leaves it
 * @param weight its claim while others want the time, 0 or more; only ratios count: as the shares are, yet such that who lends
 *     gets what is guaranteed as soon as it wants that
 * @param floor what it gets before others get more, at most the ceiling; on a GPU at most 1 in sum
 * @param ceiling not exceeded while others want the time
 * @param hardCeiling nor when nobody else wants it
 */
public record Share(
        String tenant,
        double demand,
        double use,
        double share,
        double guaranteed,
        double weight,
        double floor,
        double ceiling,
        boolean hardCeiling) {}
