package io.aliquot.controller.division;

import io.aliquot.controller.fairshare.DemandEstimator;
import io.aliquot.controller.fairshare.PolicyTree;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in steps of a tick, with no clock: every GPU divides itself by the shares that it was last told, as its arbiter
 * would (between floors and ceilings by weight, nothing idle while somebody wants it), and reports what was used and held back.
 */
final class SimulatedCluster {
    /** A tenant's work on a GPU. */
    static final class Edge {
        final String tenant;
        final int gpu;
        final double most;
        double wants;
        double uses;
        private double estimate;

        Edge(String tenant, int gpu, double most) {
            this.tenant = tenant;
            this.gpu = gpu;
            this.most = most;
        }
    }

    /** How much of its most a tenant wants at a tick, 0 to 1. */
    interface Level {
        double at(String tenant, int tick);
    }

    final PolicyTree tree;
    final List<List<Edge>> gpus;
    final Set<Integer> lostNodes = new HashSet<>();
    private final int gpusPerNode;
    private final Level level;
    private final double tickSeconds;
    private final Map<String, List<Edge>> byTenant;
    int tick;

    @Nullable Division division;

    SimulatedCluster(PolicyTree tree, List<List<Edge>> gpus, int gpusPerNode, Level level, double tickSeconds) {
        this.tree = tree;
        this.gpus = gpus;
        this.gpusPerNode = gpusPerNode;
        this.level = level;
        this.tickSeconds = tickSeconds;
        byTenant = gpus.stream().flatMap(List::stream).collect(Collectors.groupingBy(edge -> edge.tenant));
    }

    /** The nodes run for a tick by what they were told before it, and then the controller hears of it. */
    void step() {
        List<Gpu> reports = new ArrayList<>();
        for (int g = 0; g < gpus.size(); g++) {
            List<Edge> edges = gpus.get(g);
            boolean lost = lostNodes.contains(g / gpusPerNode);
            for (Edge edge : edges) {
                edge.wants = lost ? 0 : edge.most * level.at(edge.tenant, tick);
            }
            run(edges, told(g));
            if (!lost) {
                reports.add(report(g, edges));
            }
        }
        division = Divider.next(division, GpuPolicy.of(tree), reports, tickSeconds);
        tick++;
    }

    private Gpu report(int g, List<Edge> edges) {
        List<Gpu.Work> work = new ArrayList<>();
        for (Edge edge : edges) {
            double blocked = edge.wants > edge.uses ? 1 - edge.uses / edge.wants : 0;
            edge.estimate = DemandEstimator.next(edge.estimate, edge.uses, blocked, 1, tickSeconds);
            work.add(new Gpu.Work(edge.tenant, edge.estimate, edge.uses));
        }
        return new Gpu("n" + g / gpusPerNode, "g" + g, Map.of(), work);
    }

    private @Nullable List<Share> told(int g) {
        int known = division == null ? -1 : division.gpu("g" + g);
        return known < 0 ? null : division.shares(known);
    }

    /** By bisection on the water level: none of the solver's own code. */
    private static void run(List<Edge> edges, @Nullable List<Share> told) {
        int n = edges.size();
        double[] weight = new double[n];
        double[] least = new double[n];
        double[] most = new double[n];
        double wanted = 0;
        for (int i = 0; i < n; i++) {
            Edge edge = edges.get(i);
            Share share = told == null
                    ? null
                    : told.stream()
                            .filter(s -> s.tenant().equals(edge.tenant))
                            .findFirst()
                            .orElse(null);
            weight[i] = share == null ? 1 : Math.max(1e-6, share.weight());
            most[i] = share != null && share.hardCeiling() ? Math.min(edge.wants, share.ceiling()) : edge.wants;
            least[i] = share == null ? 0 : Math.min(share.floor(), most[i]);
            wanted += most[i];
        }
        double budget = Math.min(1, wanted);
        double low = 0;
        double high = 1e7;
        for (int round = 0; round < 80; round++) {
            double water = (low + high) / 2;
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Math.clamp(water * weight[i], least[i], most[i]);
            }
            if (sum > budget) {
                high = water;
            } else {
                low = water;
            }
        }
        for (int i = 0; i < n; i++) {
            edges.get(i).uses = Math.clamp(low * weight[i], least[i], most[i]);
        }
    }

    /** Of the GPUs on which the tenant has work, those on nodes that are there. */
    double partOfGpus(String tenant) {
        List<Edge> edges = edgesOf(tenant);
        return (double) edges.stream()
                        .filter(edge -> !lostNodes.contains(edge.gpu / gpusPerNode))
                        .count()
                / edges.size();
    }

    double uses(String tenant) {
        return edgesOf(tenant).stream().mapToDouble(edge -> edge.uses).sum();
    }

    double wants(String tenant) {
        return edgesOf(tenant).stream().mapToDouble(edge -> edge.wants).sum();
    }

    private List<Edge> edgesOf(String tenant) {
        return byTenant.getOrDefault(tenant, List.of());
    }
}
