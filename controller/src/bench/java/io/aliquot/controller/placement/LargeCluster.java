package io.aliquot.controller.placement;

import java.util.Arrays;
import java.util.Random;

/**
 * A cluster of 4 tenants on each GPU, entitlements 1 to 20, speeds 0.5 to 2, a floor of a tenth on a quarter of the edges, a third of the demands
 * a whole GPU. The same arguments give the same cluster.
 */
final class LargeCluster {
    private static final double[] SPEEDS = {0.5, 1, 1, 1, 2};
    private static final int TENANTS_PER_GPU = 4;

    private LargeCluster() {}

    /** @param local whether a GPU's tenants are near each other, which is harder: time must be passed on over many */
    static PlacementProblem of(int tenants, int gpus, boolean local) {
        return of(tenants, gpus, local, 0);
    }

    /** @param gangs how many tenants have one gang, on the first eight of their GPUs */
    static PlacementProblem of(int tenants, int gpus, boolean local, int gangs) {
        Random random = new Random(1);
        PlacementBuilder builder = new PlacementBuilder();
        for (int i = 0; i < tenants; i++) {
            builder.addTenant(Math.exp(3 * random.nextDouble()));
        }
        int[][] gang = new int[gangs][8];
        int[] ranks = new int[gangs];
        for (int g = 0; g < gpus; g++) {
            double capacity = SPEEDS[random.nextInt(SPEEDS.length)];
            builder.addGpu(capacity);
            for (int tenant : tenantsOf(random, tenants, (int) ((long) g * tenants / gpus), local)) {
                double floor = random.nextInt(4) == 0 ? 0.1 * capacity : 0;
                builder.addEdge(tenant, g, floor, demand(random, capacity));
                if (tenant < gangs && ranks[tenant] < 8) {
                    gang[tenant][ranks[tenant]++] = g;
                }
            }
        }
        for (int i = 0; i < gangs; i++) {
            builder.addGang(i, Arrays.copyOf(gang[i], ranks[i]));
        }
        return builder.build();
    }

    /** Gives one in {@code part} edges another demand. */
    static PlacementProblem tick(PlacementProblem p, Random random, int part) {
        int[] edges = new int[p.edges() / part];
        double[] demands = new double[edges.length];
        for (int k = 0; k < edges.length; k++) {
            edges[k] = random.nextInt(p.edges());
            demands[k] = demand(random, p.capacity(p.gpu(edges[k])));
        }
        return p.withDemands(edges, demands);
    }

    private static double demand(Random random, double capacity) {
        return random.nextInt(3) == 0 ? capacity : capacity * random.nextDouble();
    }

    private static int[] tenantsOf(Random random, int tenants, int home, boolean local) {
        int[] chosen = new int[TENANTS_PER_GPU];
        int size = 0;
        while (size < chosen.length) {
            int tenant =
                    local ? Math.floorMod(home + (int) (6 * random.nextGaussian()), tenants) : random.nextInt(tenants);
            boolean taken = false;
            for (int k = 0; k < size; k++) {
                taken |= chosen[k] == tenant;
            }
            if (!taken) {
                chosen[size++] = tenant;
            }
        }
        return chosen;
    }
}
