package io.aliquot.controller.fairshare;

import io.aliquot.schema.ServiceClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random trees up to three levels deep, built from combinators so that they shrink to a few tenants and small numbers. */
final class Worlds {
    /** What a tenant is before it has a name and its numbers are made to fit its siblings' and children's. */
    record Seed(
            int weight,
            int floorKind,
            int floor,
            int ceilingKind,
            int ceiling,
            boolean hard,
            int priority,
            int demand,
            List<Seed> children) {}

    private Worlds() {}

    /** Every feature but history and credit; floors may exceed what there is. */
    static Arbitrary<World> all() {
        return worlds(seeds(2, 2, 2, 2));
    }

    /** Weights, floors and ceilings; one class. */
    static Arbitrary<World> oneClass() {
        return worlds(seeds(2, 2, 2, 0));
    }

    /** Weights and ceilings; one class. */
    static Arbitrary<World> noFloors() {
        return worlds(seeds(2, 0, 2, 0));
    }

    /** Weights alone. */
    static Arbitrary<World> weightsOnly() {
        return worlds(seeds(2, 0, 0, 0));
    }

    private static Arbitrary<World> worlds(Arbitrary<Seed> seeds) {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 80),
                        seeds.list().ofMinSize(1).ofMaxSize(4))
                .as((capacity, tops) -> {
                    List<TenantPolicy> tenants = new ArrayList<>();
                    Map<String, Double> demand = new HashMap<>();
                    addAll("", tops, tenants, demand);
                    return new World(capacity / 4.0, tenants, demand);
                });
    }

    private static Arbitrary<Seed> seeds(int depth, int floors, int ceilings, int priorities) {
        Arbitrary<List<Seed>> children = depth == 0
                ? Arbitraries.just(List.of())
                : Arbitraries.frequencyOf(
                        Tuple.of(2, Arbitraries.just(List.of())),
                        Tuple.of(
                                1,
                                seeds(depth - 1, floors, ceilings, priorities)
                                        .list()
                                        .ofMaxSize(4)));
        return Combinators.combine(
                        Arbitraries.integers().between(1, 20),
                        Arbitraries.integers().between(0, floors),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, ceilings),
                        Arbitraries.integers().between(1, 20),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, priorities),
                        Combinators.combine(Arbitraries.integers().between(0, 40), children)
                                .as((demand, inner) -> new Object[] {demand, inner}))
                .as((weight, floorKind, floor, ceilingKind, ceiling, hard, priority, rest) -> {
                    @SuppressWarnings("unchecked")
                    List<Seed> inner = (List<Seed>) rest[1];
                    return new Seed(
                            weight, floorKind, floor, ceilingKind, ceiling, hard, priority, (int) rest[0], inner);
                });
    }

    /** @return the floors in GPUs of all that was added */
    private static double addAll(
            String parent, List<Seed> seeds, List<TenantPolicy> tenants, Map<String, Double> demand) {
        double floors = 0;
        for (int i = 0; i < seeds.size(); i++) {
            floors += add(parent, "t" + i, seeds.get(i), seeds.size(), tenants, demand);
        }
        return floors;
    }

    private static double add(
            String parent,
            String name,
            Seed seed,
            int siblings,
            List<TenantPolicy> tenants,
            Map<String, Double> demand) {
        String path = parent.isEmpty() ? name : parent + "/" + name;
        double inner = addAll(path, seed.children(), tenants, demand);
        Amount floor = switch (seed.floorKind()) {
            case 0 -> TenantPolicy.NO_FLOOR;
            case 1 -> new Amount.Percent(seed.floor() * 5.0 / siblings);
            default -> new Amount.Gpus(inner + seed.floor() / 8.0);
        };
        double owed = floor instanceof Amount.Gpus(double gpus) ? Math.max(gpus, inner) : inner;
        Amount ceiling = switch (seed.ceilingKind()) {
            case 0 -> TenantPolicy.NO_CEILING;
            case 1 -> new Amount.Percent(Math.max(seed.ceiling() * 5.0, percent(floor)));
            default -> new Amount.Gpus(owed + seed.ceiling() / 4.0);
        };
        ServiceClass priority = ServiceClass.values()[seed.priority()];
        tenants.add(new TenantPolicy(path, seed.weight(), floor, ceiling, seed.hard(), priority, 0, 0));
        if (seed.children().isEmpty()) {
            demand.put(path, seed.demand() / 4.0);
        }
        return owed;
    }

    private static double percent(Amount amount) {
        return amount instanceof Amount.Percent(double percent) ? percent : 0;
    }
}
