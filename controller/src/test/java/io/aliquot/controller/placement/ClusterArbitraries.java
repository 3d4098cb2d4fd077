package io.aliquot.controller.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Clusters that shrink: few tenants and GPUs, round numbers. Edge cases would be most of the tries, and nearly all alike. */
final class ClusterArbitraries {
    static final int TENANTS = 6;

    /** One tenant's work on one GPU, in tenths of the GPU. */
    record Work(int floor, int demand) {}

    /** A GPU of speed 1, 2 or 3 halves, and who has work on it. */
    record Gpu(int halves, Map<Integer, Work> work) {
        double capacity() {
            return halves / 2.0;
        }
    }

    /** What a problem is built of; gangs by tenant: on how many of the first GPUs where it has work. */
    record Cluster(List<Integer> entitlements, List<Gpu> gpus, Map<Integer, Integer> gangs) {
        PlacementProblem problem() {
            return problem(1, 1);
        }

        /** With other units of entitlement and of capacity. */
        PlacementProblem problem(double entitlementUnit, double capacityUnit) {
            PlacementBuilder builder = new PlacementBuilder();
            entitlements.forEach(e -> builder.addTenant(e * entitlementUnit));
            List<List<Integer>> placesOf = new ArrayList<>();
            entitlements.forEach(e -> placesOf.add(new ArrayList<>()));
            gpus.forEach(gpu -> add(builder, gpu, capacityUnit, placesOf));
            gangs.forEach((tenant, size) -> {
                List<Integer> places = placesOf.get(tenant);
                if (places.size() > 1) {
                    int ranks = Math.min(size, places.size());
                    builder.addGang(
                            tenant,
                            places.subList(0, ranks).stream().mapToInt(g -> g).toArray());
                }
            });
            return builder.build();
        }

        private static void add(PlacementBuilder builder, Gpu gpu, double unit, List<List<Integer>> places) {
            double capacity = gpu.capacity() * unit;
            int g = builder.addGpu(capacity);
            gpu.work.forEach((tenant, work) -> {
                builder.addEdge(tenant, g, capacity * work.floor / 10, capacity * work.demand / 10);
                places.get(tenant).add(g);
            });
        }
    }

    private ClusterArbitraries() {}

    static Arbitrary<Cluster> clusters() {
        return clusters(4, false);
    }

    static Arbitrary<Cluster> withGangs() {
        return clusters(4, true);
    }

    static Arbitrary<Cluster> withoutFloors() {
        return clusters(0, false);
    }

    private static Arbitrary<Cluster> clusters(int mostFloor, boolean gangs) {
        Arbitrary<Work> work = Combinators.combine(
                        Arbitraries.integers().between(0, mostFloor),
                        Arbitraries.integers().between(0, 10))
                .as(Work::new);
        Arbitrary<Gpu> gpu = Combinators.combine(
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.maps(Arbitraries.integers().between(0, TENANTS - 1), work)
                                .ofMaxSize(TENANTS))
                .as(Gpu::new);
        return Combinators.combine(
                        Arbitraries.integers().between(1, 9).list().ofSize(TENANTS),
                        gpu.list().ofMaxSize(10),
                        Arbitraries.maps(
                                        Arbitraries.integers().between(0, TENANTS - 1),
                                        Arbitraries.integers().between(2, 5))
                                .ofMaxSize(gangs ? TENANTS : 0))
                .as(Cluster::new)
                .withoutEdgeCases();
    }
}
