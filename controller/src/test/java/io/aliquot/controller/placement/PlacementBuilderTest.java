package io.aliquot.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlacementBuilderTest {
    private final PlacementBuilder builder = new PlacementBuilder();

    @Test
    void numbersEdgesByGpuAndTenantWhateverTheOrderTheyCameIn() {
        twoTenantsOnTwoGpus();
        PlacementProblem p = builder.addEdge(1, 1, 0, 0.4)
                .addEdge(0, 0, 0.1, 0.5)
                .addEdge(0, 1, 0, 0.3)
                .build();
        assertThat(p.edges()).isEqualTo(3);
        assertThat(p.edge(0, 0)).isEqualTo(0);
        assertThat(p.edge(0, 1)).isEqualTo(1);
        assertThat(p.edge(1, 1)).isEqualTo(2);
        assertThat(p.edge(1, 0)).isEqualTo(-1);
        assertThat(p.demand(2)).isEqualTo(0.4);
        assertThat(p.floor(0)).isEqualTo(0.1);
        assertThat(p.gpu(0)).isEqualTo(0);
        assertThat(p.gpu(2)).isEqualTo(1);
    }

    @Test
    void findsTheGpuOfAnEdgeBesideGpusWithoutWork() {
        builder.addTenant(1);
        for (int g = 0; g < 5; g++) {
            builder.addGpu(1);
        }
        PlacementProblem p = builder.addEdge(0, 3, 0, 1).addEdge(0, 1, 0, 1).build();
        assertThat(p.gpu(0)).isEqualTo(1);
        assertThat(p.gpu(1)).isEqualTo(3);
    }

    @Test
    void refusesNumbersOutOfRangeWithTheValueAndTheRange() {
        assertThatThrownBy(() -> builder.addTenant(Double.NaN))
                .hasMessage("tenant 0: entitlement NaN: expected 0.0 to 1.0E9");
        assertThatThrownBy(() -> builder.addGpu(0)).hasMessage("GPU 0: capacity 0.0: expected 1.0E-6 to 1.0E9");
        twoTenantsOnTwoGpus();
        assertThatThrownBy(() -> builder.addEdge(1, 0, -0.5, 1))
                .hasMessage("tenant 1 on GPU 0: floor -0.5: expected 0 to the GPU's capacity 1.0");
        assertThatThrownBy(() -> builder.addEdge(1, 1, 0, 2.5))
                .hasMessage("tenant 1 on GPU 1: demand 2.5: expected 0 to the GPU's capacity 2.0");
        assertThatThrownBy(() -> builder.addEdge(2, 0, 0, 1))
                .hasMessage("tenant 2: expected one of the 2 added before");
        assertThatThrownBy(() -> builder.addEdge(0, -1, 0, 1)).hasMessage("GPU -1: expected one of the 2 added before");
    }

    @Test
    void refusesAnEdgeAddedTwice() {
        twoTenantsOnTwoGpus();
        builder.addEdge(1, 1, 0, 1).addEdge(0, 1, 0, 1).addEdge(1, 1, 0, 1);
        assertThatThrownBy(builder::build)
                .hasMessage("tenant 1 on GPU 1: added twice: add it once, with the sum of its work");
    }

    @Test
    void refusesAGangWithoutWorkOrWithWorkOfAnotherGang() {
        twoTenantsOnTwoGpus();
        assertThatThrownBy(() -> builder.addGang(0, 1))
                .hasMessage("gang of tenant 0 on 1 GPUs: expected 2 or more, or no gang");
        builder.addEdge(0, 0, 0, 1).addGang(0, 0, 1);
        assertThatThrownBy(builder::build)
                .hasMessage("gang 0: tenant 0 has no work on GPU 1: add that edge, or leave the GPU out");
        builder.addEdge(0, 1, 0, 1).addGang(0, 1, 0);
        assertThatThrownBy(builder::build)
                .hasMessage("gang 1: tenant 0 on GPU 1: already in gang 0: an edge can be in one gang only");
    }

    @Test
    void changesDemandsFloorsAndEntitlementsInACopy() {
        twoTenantsOnTwoGpus();
        PlacementProblem p = builder.addEdge(0, 0, 0, 1).addEdge(1, 1, 0, 1).build();
        PlacementProblem changed = p.withDemands(new int[] {1}, new double[] {0.25})
                .withFloors(new int[] {0}, new double[] {0.5})
                .withEntitlements(new double[] {3, 4});
        assertThat(changed.demand(1)).isEqualTo(0.25);
        assertThat(changed.demand(0)).isEqualTo(1);
        assertThat(changed.floor(0)).isEqualTo(0.5);
        assertThat(changed.entitlement(1)).isEqualTo(4);
        assertThat(p.demand(1)).isEqualTo(1);
        assertThat(p.floor(0)).isEqualTo(0);
        assertThat(p.entitlement(1)).isEqualTo(1);
    }

    @Test
    void refusesChangesOutOfRange() {
        twoTenantsOnTwoGpus();
        PlacementProblem p = builder.addEdge(0, 0, 0, 1).build();
        assertThatThrownBy(() -> p.withDemands(new int[] {1}, new double[] {0})).hasMessage("edge 1: expected 0 to 0");
        assertThatThrownBy(() -> p.withDemands(new int[] {0}, new double[] {Double.POSITIVE_INFINITY}))
                .hasMessage("tenant 0 on GPU 0: demand Infinity: expected 0 to the GPU's capacity 1.0");
        assertThatThrownBy(() -> p.withFloors(new int[] {0}, new double[] {}))
                .hasMessage("1 edges and 0 values of floor: expected as many");
        assertThatThrownBy(() -> p.withEntitlements(new double[] {1}))
                .hasMessage("1 entitlements: expected one for each of 2 tenants");
        assertThatThrownBy(() -> p.withEntitlements(new double[] {1, -1}))
                .hasMessage("tenant 1: entitlement -1.0: expected 0.0 to 1.0E9");
    }

    private void twoTenantsOnTwoGpus() {
        builder.addTenant(1);
        builder.addTenant(1);
        builder.addGpu(1);
        builder.addGpu(2);
    }
}
