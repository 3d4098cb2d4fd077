package io.aliquot.controller.placement;

import java.util.Arrays;

/**
 * Maximum flow by Dinic's algorithm (Dinic 1970), over doubles. Arcs come in pairs, forth and back, at numbers 2n and 2n + 1.
 * Residuals at or below the tolerance count as none, so rounding makes no paths. Not for several threads at once.
 */
final class FlowNetwork {
    private final int[] head;
    private int[] next;
    private int[] target;
    private double[] residual;
    private int arcs;
    private final int[] level;
    private final int[] cursor;
    private final int[] queue;
    private final double tolerance;

    FlowNetwork(int nodes, int expectedArcs, double tolerance) {
        head = new int[nodes];
        Arrays.fill(head, -1);
        next = new int[2 * expectedArcs];
        target = new int[2 * expectedArcs];
        residual = new double[2 * expectedArcs];
        level = new int[nodes];
        cursor = new int[nodes];
        queue = new int[nodes];
        this.tolerance = tolerance;
    }

    /** @return the arc's number, for {@link #flow} */
    int addArc(int from, int to, double capacity) {
        if (arcs + 2 > next.length) {
            next = Arrays.copyOf(next, 2 * next.length + 2);
            target = Arrays.copyOf(target, next.length);
            residual = Arrays.copyOf(residual, next.length);
        }
        add(from, to, capacity);
        add(to, from, 0);
        return arcs - 2;
    }

    /** What flows through the arc. */
    double flow(int arc) {
        return residual[arc + 1];
    }

    /** Finds a maximum flow; afterwards {@link #reached} tells the minimum cut. */
    double maximize(int source, int sink) {
        double total = 0;
        while (findLevels(source, sink)) {
            System.arraycopy(head, 0, cursor, 0, head.length);
            for (double pushed = push(source, sink, Double.POSITIVE_INFINITY);
                    pushed > 0;
                    pushed = push(source, sink, Double.POSITIVE_INFINITY)) {
                total += pushed;
            }
        }
        return total;
    }

    /** After {@link #maximize}: whether the node is on the source's side of the smallest minimum cut. */
    boolean reached(int node) {
        return level[node] >= 0;
    }

    private void add(int from, int to, double capacity) {
        target[arcs] = to;
        residual[arcs] = capacity;
        next[arcs] = head[from];
        head[from] = arcs++;
    }

    private boolean findLevels(int source, int sink) {
        Arrays.fill(level, -1);
        level[source] = 0;
        queue[0] = source;
        int end = 1;
        for (int at = 0; at < end; at++) {
            int node = queue[at];
            for (int arc = head[node]; arc >= 0; arc = next[arc]) {
                if (residual[arc] > tolerance && level[target[arc]] < 0) {
                    level[target[arc]] = level[node] + 1;
                    queue[end++] = target[arc];
                }
            }
        }
        return level[sink] >= 0;
    }

    /** Sends up to {@code limit} along level-increasing arcs; as deep as the longest shortest path. */
    private double push(int node, int sink, double limit) {
        if (node == sink) {
            return limit;
        }
        double sent = 0;
        for (; cursor[node] >= 0; cursor[node] = next[cursor[node]]) {
            int arc = cursor[node];
            if (residual[arc] > tolerance && level[target[arc]] == level[node] + 1) {
                double pushed = push(target[arc], sink, Math.min(limit - sent, residual[arc]));
                residual[arc] -= pushed;
                residual[arc ^ 1] += pushed;
                sent += pushed;
                if (limit - sent <= tolerance) {
                    return sent;
                }
            }
        }
        return sent;
    }
}
