package io.aliquot.controller.fairshare;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What of the entitlements is published, so that nodes are told of changes that matter and of no flutter:
 *
 * <ul>
 *   <li>A tenant whose published share is below its floor gets that floor at once, and who must give way for it does.
 *   <li>Other gains are slew-limited: by {@link #GAIN} of the entitlement a time, so that a step takes two.
 *   <li>Losses are taken as they are.
 *   <li>A change is published when it exceeds both {@link #POINT_GPUS} and {@link #RELATIVE}, and the tenant's last one is
 *       {@link #DWELL_TICKS} ticks old; a loss also when otherwise more would be published than there is.
 * </ul>
 *
 * <p>So at constant entitlements nothing is published after the third tick, and what is published never exceeds the
 * capacity. Only tenants that have no tenants in them are damped; a parent's is the sum. Pure; any thread.
 */
public final class Damping {
    /** One point: the least change that is published. */
    public static final double POINT_GPUS = 0.01;

    /** The least change that is published, as a part of what is. */
    public static final double RELATIVE = 0.03;

    /** Most that is gained at a time, as a part of the entitlement. */
    public static final double GAIN = 0.5;

    /** Least ticks from one change of a tenant to the next. */
    public static final int DWELL_TICKS = 2;

    /** No step of a gain is so small that it would not be published. */
    static final double LEAST_GAIN_GPUS = 2 * POINT_GPUS;

    private static final double ROUNDING = 1e-9;

    private Damping() {}

    /**
     * What nodes were told. Immutable; replays to the same bits.
     *
     * @param published GPU-equivalents
     * @param age ticks since a tenant's last change, whole numbers
     */
    public record State(TenantValues published, TenantValues age) {
        /** Nothing is published yet. */
        public static State none(PolicyTree tree) {
            return new State(TenantValues.constant(tree, 0), TenantValues.constant(tree, DWELL_TICKS));
        }
    }

    /**
     * What one tick did. Immutable.
     *
     * @param changed the tenants whose published share is another one than before, by node
     */
    public record Step(State state, List<Integer> changed) {
        public Step {
            changed = List.copyOf(changed);
        }
    }

    /** One tick; the state may be of an earlier policy. */
    public static Step next(State before, Entitlements now) {
        PolicyTree tree = now.tree();
        double[] old = before.published.on(tree, 0).toArray();
        double[] age = before.age.on(tree, DWELL_TICKS).toArray();
        double[] next = old.clone();
        double total = 0;
        for (int node = 0; node < tree.size(); node++) {
            if (tree.isLeaf(node)) {
                double target = target(old[node], node, now);
                if (isDue(old[node], target, age[node], floor(node, now))) {
                    next[node] = target;
                }
                total += next[node];
            }
        }
        if (total > now.situation().capacityGpus() + ROUNDING) {
            takeLosses(next, now);
        }
        sumUpwards(tree, next);
        int[] changed = IntStream.range(1, tree.size())
                .filter(node -> tree.isLeaf(node) && next[node] != old[node])
                .toArray();
        for (int node = 0; node < tree.size(); node++) {
            age[node] = Math.min(DWELL_TICKS, age[node] + 1);
        }
        for (int node : changed) {
            age[node] = 1;
        }
        State state = new State(TenantValues.wrap(tree, next), TenantValues.wrap(tree, age));
        return new Step(state, IntStream.of(changed).boxed().toList());
    }

    /** Whether a tenant that has no tenants in it is entitled to so much more than what is published that this will follow. */
    public static boolean isGaining(State state, Entitlements now, int node) {
        double published = state.published.get(node);
        return now.entitlement().get(node) - published > Math.max(POINT_GPUS, RELATIVE * published);
    }

    private static double target(double old, int node, Entitlements now) {
        double entitlement = now.entitlement().get(node);
        double gain = Math.max(GAIN * entitlement, LEAST_GAIN_GPUS);
        return entitlement <= old ? entitlement : Math.min(entitlement, Math.max(floor(node, now), old + gain));
    }

    private static boolean isDue(double old, double target, double age, double floor) {
        double least = Math.max(POINT_GPUS, RELATIVE * old);
        return old < floor - ROUNDING || (Math.abs(target - old) > least && age >= DWELL_TICKS);
    }

    /** What must be published at once: the floor, as far as it is used and can be met. */
    private static double floor(int node, Entitlements now) {
        return Math.min(now.floor().get(node), now.entitlement().get(node));
    }

    private static void takeLosses(double[] next, Entitlements now) {
        for (int node = 0; node < next.length; node++) {
            if (now.tree().isLeaf(node)) {
                next[node] = Math.min(next[node], now.entitlement().get(node));
            }
        }
    }

    private static void sumUpwards(PolicyTree tree, double[] values) {
        for (int node = tree.size() - 1; node >= 0; node--) {
            if (!tree.isLeaf(node)) {
                values[node] = 0;
                for (int child = tree.firstChild(node); child < tree.endChild(node); child++) {
                    values[node] += values[child];
                }
            }
        }
    }
}
