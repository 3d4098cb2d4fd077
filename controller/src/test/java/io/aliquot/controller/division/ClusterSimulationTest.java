package io.aliquot.controller.division;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** 1000 GPUs and 200 tenants in a closed loop: what tenants use, seen from outside. */
class ClusterSimulationTest {
    private static final int NODES = 125;
    private static final int GPUS_PER_NODE = 8;
    private static final int TENANTS = 200;
    private static final int PER_GPU = 4;

    /** Of a GPU: what a tenant of the first organisation is guaranteed of each of its GPUs. */
    private static final double FLOOR = 0.15;

    private static final double TICK_SECONDS = 0.1;
    private static final int STEP = 40;

    /** Three seconds, and the ticks of damping. */
    private static final int FALL_TICKS = 36;

    private final Random random = new Random(42);
    private final List<String> tenants = new ArrayList<>();
    private final Map<String, Double> floors = new HashMap<>();

    private static String name(int tenant) {
        return "org" + tenant % 5 + "/team" + tenant / 5 % 4 + "/p" + tenant / 20;
    }

    private SimulatedCluster cluster(SimulatedCluster.Level level) {
        return cluster(level, TICK_SECONDS);
    }

    private SimulatedCluster cluster(SimulatedCluster.Level level, double tickSeconds) {
        List<List<SimulatedCluster.Edge>> gpus = new ArrayList<>();
        Map<String, Integer> places = new TreeMap<>();
        for (int g = 0; g < NODES * GPUS_PER_NODE; g++) {
            Map<String, SimulatedCluster.Edge> edges = new TreeMap<>();
            while (edges.size() < PER_GPU) {
                String tenant = name(random.nextInt(TENANTS));
                int gpu = g;
                edges.computeIfAbsent(tenant, t -> {
                    places.merge(t, 1, Integer::sum);
                    return new SimulatedCluster.Edge(t, gpu, 0.4 + 0.6 * random.nextDouble());
                });
            }
            gpus.add(List.copyOf(edges.values()));
        }
        Map<String, TenantPolicy> policies = new TreeMap<>();
        for (int t = 0; t < TENANTS; t++) {
            String path = name(t);
            tenants.add(path);
            double floor = path.startsWith("org0") ? FLOOR * places.getOrDefault(path, 0) : 0;
            floors.put(path, floor);
            policies.put(path, TenantPolicy.of(path).withWeight(1 + t % 3).withFloor(new Amount.Gpus(floor)));
            policies.putIfAbsent("org" + t % 5, TenantPolicy.of("org" + t % 5).withWeight(1 + t % 5));
            String team = path.substring(0, path.lastIndexOf('/'));
            policies.putIfAbsent(team, TenantPolicy.of(team));
        }
        return new SimulatedCluster(
                PolicyTree.of(List.copyOf(policies.values())), gpus, GPUS_PER_NODE, level, tickSeconds);
    }

    private Map<String, Double> uses(SimulatedCluster cluster) {
        Map<String, Double> uses = new HashMap<>();
        tenants.forEach(tenant -> uses.put(tenant, cluster.uses(tenant)));
        return uses;
    }

    private static double apart(Map<String, Double> one, Map<String, Double> two) {
        return one.keySet().stream()
                .mapToDouble(t -> Math.abs(one.get(t) - two.get(t)) / Math.max(1, two.get(t)))
                .max()
                .orElseThrow();
    }

    private static void run(SimulatedCluster cluster, int ticks) {
        for (int i = 0; i < ticks; i++) {
            cluster.step();
        }
    }

    /** The largest difference of any tenant's use to what it settles at, in each tick from the step on. */
    private List<Double> afterStep(double before, double after, double tickSeconds) {
        SimulatedCluster cluster = cluster(
                (tenant, tick) -> !tenant.startsWith("org1/team1") ? 1 : tick < STEP ? before : after, tickSeconds);
        run(cluster, STEP);
        List<Map<String, Double>> uses = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            cluster.step();
            uses.add(uses(cluster));
        }
        List<Double> apart = new ArrayList<>();
        uses.forEach(use -> apart.add(apart(use, uses.getLast())));
        return apart;
    }

    @Test
    void whoWantsMoreHasItInThreeTicks() {
        List<Double> apart = afterStep(0.02, 1, TICK_SECONDS);
        assertThat(apart.getFirst()).as("the step moves shares").isGreaterThan(0.2);
        assertThat(apart.subList(3, apart.size())).allSatisfy(d -> assertThat(d).isLessThan(0.05));
    }

    /** Neighbours have what is left at once; for the rest of the cluster demand decays, over three time constants of a second. */
    @Test
    void whatIsLeftComesToAllInThreeSeconds() {
        List<Double> apart = afterStep(1, 0.02, TICK_SECONDS);
        assertThat(apart.getFirst()).as("the step moves shares").isGreaterThan(0.2);
        assertThat(apart.subList(FALL_TICKS, apart.size()))
                .allSatisfy(d -> assertThat(d).isLessThan(0.05));
    }

    /** Ticks that are long beside the decay: what is estimated is what is wanted. */
    @Test
    void aFallThatTheEstimatesShowSettlesInThreeTicks() {
        List<Double> apart = afterStep(1, 0.02, 30);
        assertThat(apart.getFirst()).as("the step moves shares").isGreaterThan(0.2);
        assertThat(apart.subList(3, apart.size())).allSatisfy(d -> assertThat(d).isLessThan(0.05));
    }

    @Test
    void nothingMovesAtConstantDemand() {
        SimulatedCluster cluster = cluster((tenant, tick) -> 1);
        run(cluster, 100);
        Map<String, Double> before = uses(cluster);
        for (int i = 0; i < 20; i++) {
            cluster.step();
            assertThat(apart(uses(cluster), before)).isLessThan(0.002);
        }
    }

    /** Bursts, days and nights, and nodes that go and come back: who has a floor and wants it gets it within a tick. */
    @Test
    void floorsHoldWhateverHappens() {
        SimulatedCluster cluster = cluster((tenant, tick) -> level(tenant, tick));
        Map<String, Integer> missed = new HashMap<>();
        for (int tick = 0; tick < 300; tick++) {
            if (tick == 100) {
                cluster.lostNodes.addAll(List.of(3, 40, 77, 78, 120));
            } else if (tick == 200) {
                cluster.lostNodes.clear();
            }
            cluster.step();
            for (String tenant : tenants) {
                double floor = floors.get(tenant) * cluster.partOfGpus(tenant);
                boolean met = cluster.uses(tenant) >= 0.98 * Math.min(floor, cluster.wants(tenant));
                missed.put(tenant, met ? 0 : missed.getOrDefault(tenant, 0) + 1);
                assertThat(missed.get(tenant)).as("%s at tick %d", tenant, tick).isLessThanOrEqualTo(1);
            }
        }
    }

    /** A third of the tenants has bursts, a third a day of 20 s, and a third always wants the same. */
    private static double level(String tenant, int tick) {
        int hash = Math.floorMod(tenant.hashCode(), 97);
        return switch (hash % 3) {
            case 0 -> (tick + hash) % 30 < 6 ? 1 : 0.02;
            case 1 -> 0.5 + 0.5 * Math.sin(2 * Math.PI * (tick + 2 * hash) / 200);
            default -> 1;
        };
    }
}
