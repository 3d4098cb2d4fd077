package io.aliquot.controller.placement;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The lexicographically largest vector of X_i/E_i, by decomposition (Fujishige 1980; Groenevelt: Two algorithms for maximizing a
 * separable concave function over a polymatroid feasible region, EJOR 54(2), 1991). For a set of tenants and GPUs: find the level
 * t at which Σ max(already given, t·E_i) is all there is to give; ask a maximum flow whether everyone can have that. If not, the
 * minimum cut parts the tenants that can't reach the level, with the GPUs they are bound to, from those that go beyond it; both
 * parts are solved alone. At most 2n − 1 flows for n tenants: for small clusters, and as the oracle of tests.
 *
 * <p>Totals are unique; how a tenant's total lies on its GPUs is not. Exact up to rounding, about 1e-9 of the whole. Gangs are first given
 * the shares that {@link IterativePlacement} finds for them; the rest is exact given those.
 */
public final class ExactPlacement implements PlacementSolver {
    /** Of what there is to give: a residual that counts as none. */
    private static final double TOLERANCE = 1e-13;

    private static final IterativePlacement GANGS = new IterativePlacement(500, 500, 1e-9);

    @Override
    public Placement solve(PlacementProblem problem) {
        Bounds bounds = new Bounds(problem);
        if (problem.gangs() == 0) {
            double[] amount = new Decomposition(problem, bounds).solve();
            return new Placement(problem, amount, amount, new double[0], bounds.floorsScaled, 0);
        }
        Placement found = GANGS.solve(problem);
        Bounds held = GangFinish.hold(problem, bounds, found.start.clone());
        double[] amount = new Decomposition(problem, held).solve();
        GangFinish.raise(problem, bounds, amount);
        return new Placement(problem, amount, found.start, found.offer, bounds.floorsScaled, 0);
    }

    /** Tenants and GPUs that are still to be divided among each other; both in rising order. */
    private static final class Part {
        final int[] tenants;
        final int[] gpus;
        final int label;

        Part(int[] tenants, int[] gpus, int label) {
            this.tenants = tenants;
            this.gpus = gpus;
            this.label = label;
        }
    }

    private static final class Decomposition {
        private final PlacementProblem p;
        private final Bounds bounds;
        private final double[] amount;
        private final double[] given;
        private final double[] left;
        private final int[] tenantPart;
        private final int[] node;
        private final int[] arcOf;
        private int labels = 1;

        Decomposition(PlacementProblem p, Bounds bounds) {
            this.p = p;
            this.bounds = bounds;
            amount = bounds.least.clone();
            given = new double[p.tenants()];
            left = p.capacity.clone();
            tenantPart = new int[p.tenants()];
            node = new int[p.tenants()];
            arcOf = new int[p.edges()];
            for (int g = 0; g < p.gpus(); g++) {
                for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                    given[p.tenantOf[e]] += amount[e];
                    left[g] -= amount[e];
                }
            }
        }

        double[] solve() {
            Deque<Part> parts = new ArrayDeque<>();
            parts.push(new Part(upTo(p.tenants()), upTo(p.gpus()), 0));
            while (!parts.isEmpty()) {
                Part part = parts.pop();
                double whole = 0;
                for (int g : part.gpus) {
                    whole += Math.max(0, Math.min(left[g], free(g, part.label)));
                }
                if (whole > 0 && part.tenants.length > 0) {
                    divide(part, whole, parts);
                }
            }
            return amount;
        }

        private void divide(Part part, double whole, Deque<Part> parts) {
            double level = level(part.tenants, whole);
            int source = part.tenants.length + part.gpus.length;
            FlowNetwork net = new FlowNetwork(source + 2, 4 * source, TOLERANCE * whole);
            for (int k = 0; k < part.tenants.length; k++) {
                int i = part.tenants[k];
                node[i] = k;
                net.addArc(source, k, Math.max(0, level * bounds.weight[i] - given[i]));
            }
            for (int k = 0; k < part.gpus.length; k++) {
                int g = part.gpus[k];
                net.addArc(part.tenants.length + k, source + 1, Math.max(0, left[g]));
                for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                    if (tenantPart[p.tenantOf[e]] == part.label) {
                        arcOf[e] = net.addArc(node[p.tenantOf[e]], part.tenants.length + k, room(e));
                    }
                }
            }
            double flow = net.maximize(source, source + 1);
            int low = count(net, 0, part.tenants.length);
            if (flow >= whole * (1 - 1e-12) || low == 0 || low == part.tenants.length) {
                take(part, net);
            } else {
                cut(part, net, parts);
            }
        }

        /** Everyone has its level: what flows is the answer. */
        private void take(Part part, FlowNetwork net) {
            for (int g : part.gpus) {
                for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                    if (tenantPart[p.tenantOf[e]] == part.label) {
                        amount[e] = Math.min(bounds.most[e], bounds.least[e] + net.flow(arcOf[e]));
                    }
                }
            }
        }

        /** Those short of the level get their most on the GPUs beyond the cut; the others get no more on the GPUs this side. */
        private void cut(Part part, FlowNetwork net, Deque<Part> parts) {
            int label = labels++;
            int[] below = side(part.tenants, net, 0, true);
            int[] bound = side(part.gpus, net, part.tenants.length, true);
            for (int i : below) {
                tenantPart[i] = label;
            }
            int[] beyond = side(part.gpus, net, part.tenants.length, false);
            for (int g : beyond) {
                for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                    int i = p.tenantOf[e];
                    if (tenantPart[i] == label) {
                        given[i] += room(e);
                        left[g] -= room(e);
                        amount[e] = bounds.most[e];
                    }
                }
            }
            parts.push(new Part(side(part.tenants, net, 0, false), beyond, part.label));
            parts.push(new Part(below, bound, label));
        }

        private double room(int e) {
            return bounds.most[e] - bounds.least[e];
        }

        private double free(int g, int label) {
            double sum = 0;
            for (int e = p.gpuStart[g]; e < p.gpuStart[g + 1]; e++) {
                sum += tenantPart[p.tenantOf[e]] == label ? room(e) : 0;
            }
            return sum;
        }

        /** The t with Σ max(given_i, t·E_i) = Σ given_i + whole: tenants rise in the order of given_i/E_i. */
        private double level(int[] tenants, double whole) {
            Integer[] order = Arrays.stream(tenants).boxed().toArray(Integer[]::new);
            Arrays.sort(order, (i, j) -> Double.compare(given[i] / bounds.weight[i], given[j] / bounds.weight[j]));
            double sum = whole;
            double weights = 0;
            for (int k = 0; k < order.length; k++) {
                if (k > 0 && sum <= weights * given[order[k]] / bounds.weight[order[k]]) {
                    break;
                }
                sum += given[order[k]];
                weights += bounds.weight[order[k]];
            }
            return sum / weights;
        }
    }

    private static int count(FlowNetwork net, int from, int size) {
        int count = 0;
        for (int k = 0; k < size; k++) {
            count += net.reached(from + k) ? 1 : 0;
        }
        return count;
    }

    private static int[] side(int[] members, FlowNetwork net, int offset, boolean reached) {
        int[] side = new int[members.length];
        int size = 0;
        for (int k = 0; k < members.length; k++) {
            if (net.reached(offset + k) == reached) {
                side[size++] = members[k];
            }
        }
        return Arrays.copyOf(side, size);
    }

    private static int[] upTo(int size) {
        int[] all = new int[size];
        Arrays.setAll(all, k -> k);
        return all;
    }
}
