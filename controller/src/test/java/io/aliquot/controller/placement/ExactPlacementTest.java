package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Worked by hand from the definition of constrained max-min fairness (Ghodsi et al., Choosy, EuroSys 2013). */
class ExactPlacementTest {
    private final PlacementBuilder cluster = new PlacementBuilder();
    private double[] speeds = {};

    @Test
    void splitsOneGpuByEntitlement() {
        tenants(1, 2, 5);
        gpus(1);
        busy(0, 0).busy(1, 0).busy(2, 0);
        gives(0.125, 0.25, 0.625);
    }

    @Test
    void givesATenantItsOwnGpuAndLeavesTheSharedOneToTheOther() {
        tenants(1, 1);
        gpus(1, 1);
        busy(0, 0).busy(0, 1).busy(1, 1);
        gives(1, 1);
    }

    /** Progressive filling: all rise to 1/2, where GPU 0 is full; the third, alone on GPU 1, goes on. */
    @Test
    void letsThoseNotBoundToTheFullMachineRiseOn() {
        tenants(1, 1, 1);
        gpus(1, 1);
        busy(0, 0).busy(1, 0).busy(2, 0).busy(2, 1);
        gives(0.5, 0.5, 1);
    }

    /** A third of 2 GPUs each: the middle tenant takes 1/3 from both. */
    @Test
    void passesTimeOnFromNeighbourToNeighbour() {
        tenants(1, 1, 1);
        gpus(1, 1);
        busy(0, 0).busy(1, 0).busy(1, 1).busy(2, 1);
        gives(2.0 / 3, 2.0 / 3, 2.0 / 3);
    }

    /** 3 GPU-equivalents by 1 : 1 : 2 are 0.75, 0.75, 1.5; each can be had. */
    @Test
    void countsFastGpusByTheirSpeed() {
        tenants(1, 1, 2);
        gpus(2, 1);
        busy(0, 0).busy(1, 1).busy(2, 0).busy(2, 1);
        gives(0.75, 0.75, 1.5);
    }

    @Test
    void lendsWhatATenantDoesNotWant() {
        tenants(1, 1);
        gpus(1, 1);
        cluster.addEdge(0, 0, 0, 0.2).addEdge(0, 1, 0, 0.1);
        busy(1, 0).busy(1, 1);
        gives(0.3, 1.7);
    }

    /** Without the floor the first, with a GPU of its own, would get nothing of GPU 1. */
    @Test
    void keepsAFloorOnAGpuOfATenantThatHasEnoughElsewhere() {
        tenants(1, 1);
        gpus(1, 1);
        busy(0, 0).busy(1, 1);
        cluster.addEdge(0, 1, 0.25, 1);
        gives(1.25, 0.75);
    }

    @Test
    void keepsAFloorOnlyAsFarAsItIsUsed() {
        tenants(1, 1);
        gpus(1);
        cluster.addEdge(0, 0, 0.6, 0.1);
        busy(1, 0);
        gives(0.1, 0.9);
    }

    @Test
    void cutsFloorsAboveTheGpuInProportionAndSaysSo() {
        tenants(1, 1);
        gpus(1);
        cluster.addEdge(0, 0, 0.9, 1).addEdge(1, 0, 0.6, 1);
        assertThat(gives(0.6, 0.4).floorsScaled()).isEqualTo(1);
    }

    @Test
    void givesATenantWithoutEntitlementOnlyWhatOthersLeave() {
        tenants(0, 1);
        gpus(1, 1);
        busy(0, 0).busy(0, 1).busy(1, 1);
        cluster.addEdge(1, 0, 0, 0.3);
        gives(0.7, 1.3);
    }

    @Test
    void hasNothingToGiveWithoutWork() {
        tenants(1, 1);
        gpus(1);
        gives(0, 0);
    }

    /** Everyone contributes a machine, all can use all: 1/n of the pool each, whatever their number. */
    @Test
    void givesEachWhatItContributes() {
        tenants(1, 1, 1, 1);
        gpus(1, 1, 1, 1);
        for (int i = 0; i < 4; i++) {
            for (int g = 0; g < 4; g++) {
                busy(i, g);
            }
        }
        gives(1, 1, 1, 1);
    }

    /** 2·x of the gang and 1 − x of the other are equal at x = 1/3; the rest of GPU 1 stays idle: nobody else can use it. */
    @Test
    void holdsAGangToTheShareOfItsScarcestGpu() {
        tenants(1, 1);
        gpus(1, 1);
        busy(0, 0).busy(0, 1).busy(1, 0);
        cluster.addGang(0, 0, 1);
        Placement placement = gives(2.0 / 3, 2.0 / 3);
        assertThat(placement.amount(0, 0)).isEqualTo(placement.amount(0, 1));
    }

    /** As before, with a third tenant that fills what the gang can't use. */
    @Test
    void fillsWhatAGangCannotUse() {
        tenants(1, 1, 1);
        gpus(1, 1);
        busy(0, 0).busy(0, 1).busy(1, 0).busy(2, 1);
        cluster.addGang(0, 0, 1);
        gives(2.0 / 3, 2.0 / 3, 2.0 / 3);
    }

    /** The share is of time: half of a GPU of speed 2 and half of one of speed 1, where 3·s/3 and 1 − s are equal. */
    @Test
    void givesAGangTheSameShareOfFastAndSlowGpus() {
        tenants(3, 1, 1);
        gpus(2, 1);
        busy(0, 0).busy(0, 1).busy(2, 1);
        cluster.addEdge(1, 0, 0, 1).addGang(0, 0, 1);
        Placement placement = gives(1.5, 1, 0.5);
        assertThat(placement.amount(0, 0) / 2).isCloseTo(placement.amount(0, 1), within(1e-12));
    }

    private Placement gives(double... totals) {
        PlacementProblem problem = cluster.build();
        Placement iterative = new IterativePlacement(300, 300, 1e-9).solve(problem);
        Placement exact = new ExactPlacement().solve(problem);
        for (int i = 0; i < totals.length; i++) {
            assertThat(exact.total(i)).as("exact, tenant %d", i).isCloseTo(totals[i], within(2e-6));
            assertThat(iterative.total(i)).as("iterative, tenant %d", i).isCloseTo(totals[i], within(2e-6));
        }
        return exact;
    }

    private void tenants(double... entitlements) {
        for (double entitlement : entitlements) {
            cluster.addTenant(entitlement);
        }
    }

    private void gpus(double... capacities) {
        speeds = capacities;
        for (double capacity : capacities) {
            cluster.addGpu(capacity);
        }
    }

    private ExactPlacementTest busy(int tenant, int gpu) {
        cluster.addEdge(tenant, gpu, 0, speeds[gpu]);
        return this;
    }
}
