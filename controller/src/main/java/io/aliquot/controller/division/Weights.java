package io.aliquot.controller.division;

import io.aliquot.controller.placement.Placement;
import java.util.function.IntPredicate;

/**
 * What each tenant claims of each GPU while others want the time. A node goes on with the last that it was told, for long when
 * the controller is gone, so claims have to be right for what tenants may want next, too:
 *
 * <ul>
 *   <li>Who has less than what is guaranteed only because it did not want more so far claims what is guaranteed.
 *   <li>The others claim together what is left of the GPU then, each in proportion to its share now: what they borrowed doesn't
 *       count against who lent it.
 * </ul>
 *
 * Immutable.
 */
final class Weights {
    private final double[] weight;
    /** By GPU: what those that have work there would get of one GPU if all tenants of the policy wanted all of it. */
    private final double[] atWork;

    /** @param mayWantMore per edge: its tenant's share is not what its demand will come to */
    Weights(Layout layout, Placement placement, Guarantees guarantees, IntPredicate mayWantMore) {
        weight = new double[layout.tenant.length];
        atWork = new double[layout.capacity.length];
        boolean[] lends = new boolean[weight.length];
        for (int g = 0; g < atWork.length; g++) {
            double lent = 0;
            double taken = 0;
            for (int e = layout.start[g]; e < layout.start[g + 1]; e++) {
                if (layout.isOwn(e)) {
                    double share = layout.share(e, placement.amount(e));
                    double guaranteed = layout.share(e, guarantees.amount(e));
                    lends[e] = share < guaranteed && mayWantMore.test(e);
                    weight[e] = lends[e] ? guaranteed : share;
                    lent += lends[e] ? guaranteed : 0;
                    taken += lends[e] ? 0 : share;
                    atWork[g] += guarantees.ofOneGpu(layout.tenant[e]);
                }
            }
            double left = Math.max(0, 1 - lent);
            for (int e = layout.start[g]; taken > left && e < layout.start[g + 1]; e++) {
                weight[e] *= lends[e] ? 1 : left / taken;
            }
        }
    }

    /** 0 to 1; 0 for who gets only what nobody else wants. */
    double of(int edge) {
        return weight[edge];
    }

    /** The claim of a tenant that has no work on the GPU yet, beside those that have; above 1 when they are small. */
    double ofNewcomer(int gpu, double ofOneGpu) {
        return atWork[gpu] > 0 ? ofOneGpu / atWork[gpu] : ofOneGpu;
    }
}
