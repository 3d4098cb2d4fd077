package io.aliquot.controller.placement;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Random clusters for comparisons; the same seed gives the same cluster. */
final class Clusters {
    /** How tenants lie on GPUs. */
    enum Shape {
        /** Anywhere. */
        SCATTERED,
        /** Near each other, so that time has to be passed on from neighbour to neighbour. */
        NEIGHBOURS,
        /** Each GPU shared by two successive tenants: the longest way to pass time on. */
        CHAIN,
        /** A few tenants on most GPUs, most on few. */
        SKEWED
    }

    private static final double[] SPEEDS = {0.5, 1, 1, 1, 2};

    private Clusters() {}

    /** Up to 40 tenants on up to 80 GPUs, entitlements 1 to 20, some floors, some demands of a whole GPU. */
    static PlacementProblem random(long seed, Shape shape) {
        Random random = new Random(seed);
        int tenants = 2 + random.nextInt(39);
        int gpus = 2 + random.nextInt(79);
        return random(random, shape, tenants, gpus);
    }

    static PlacementProblem random(Random random, Shape shape, int tenants, int gpus) {
        PlacementBuilder builder = new PlacementBuilder();
        for (int i = 0; i < tenants; i++) {
            builder.addTenant(Math.exp(3 * random.nextDouble()));
        }
        for (int g = 0; g < gpus; g++) {
            double capacity = SPEEDS[random.nextInt(SPEEDS.length)];
            builder.addGpu(capacity);
            double left = capacity;
            for (int tenant : tenantsOf(random, shape, g, tenants, gpus)) {
                double floor = random.nextInt(4) == 0 ? Math.min(left, 0.4 * capacity * random.nextDouble()) : 0;
                left -= floor;
                builder.addEdge(tenant, g, floor, demand(random, capacity));
            }
        }
        return builder.build();
    }

    /** Gives some edges another demand. */
    static PlacementProblem tick(PlacementProblem p, Random random, int changes) {
        int[] edges = new int[changes];
        double[] demands = new double[changes];
        for (int k = 0; k < changes; k++) {
            edges[k] = random.nextInt(p.edges());
            demands[k] = demand(random, p.capacity(p.gpu(edges[k])));
        }
        return p.withDemands(edges, demands);
    }

    private static double demand(Random random, double capacity) {
        return random.nextBoolean() ? capacity : capacity * random.nextDouble();
    }

    private static Set<Integer> tenantsOf(Random random, Shape shape, int gpu, int tenants, int gpus) {
        Set<Integer> chosen = new TreeSet<>();
        int home = (int) ((long) gpu * tenants / gpus);
        int size = shape == Shape.CHAIN ? 2 : Math.min(tenants, 1 + random.nextInt(6));
        for (int k = 0; chosen.size() < size; k++) {
            chosen.add(
                    switch (shape) {
                        case SCATTERED -> random.nextInt(tenants);
                        case NEIGHBOURS -> Math.floorMod(home + random.nextInt(7) - 3, tenants);
                        case CHAIN -> Math.floorMod(home + k, tenants);
                        case SKEWED -> (int) (tenants * Math.pow(random.nextDouble(), 3));
                    });
        }
        return chosen;
    }
}
