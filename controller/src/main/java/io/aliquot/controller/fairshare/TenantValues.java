package io.aliquot.controller.fairshare;

import java.util.Arrays;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One number for every node of a tree: demand, entitlement, history, credit. Immutable; any thread. Equal when the trees and
 * all bits are.
 */
public final class TenantValues {
    private final PolicyTree tree;
    private final double[] values;

    private TenantValues(PolicyTree tree, double[] values) {
        this.tree = tree;
        this.values = values;
    }

    /** The same number for all. */
    public static TenantValues constant(PolicyTree tree, double value) {
        return by(tree, node -> value);
    }

    /** By node. */
    public static TenantValues by(PolicyTree tree, IntToDoubleFunction value) {
        double[] values = new double[tree.size()];
        Arrays.setAll(values, value);
        return new TenantValues(tree, values);
    }

    /**
     * By path; 0 for who is not named.
     *
     * @throws IllegalArgumentException when a tenant is not in the tree
     */
    public static TenantValues of(PolicyTree tree, Map<String, Double> byPath) {
        double[] values = new double[tree.size()];
        byPath.forEach((path, value) -> values[tree.index(path)] = value);
        return new TenantValues(tree, values);
    }

    /** Takes the array as its own; it must not change any more. */
    static TenantValues wrap(PolicyTree tree, double[] values) {
        return new TenantValues(tree, values);
    }

    public PolicyTree tree() {
        return tree;
    }

    public double get(int node) {
        return values[node];
    }

    /** @throws IllegalArgumentException when there is no such tenant */
    public double get(String path) {
        return values[tree.index(path)];
    }

    /** A copy, by node. */
    public double[] toArray() {
        return values.clone();
    }

    /** The same numbers on another tree, by path: what is carried over when the policy changes. */
    public TenantValues on(PolicyTree next, double forNew) {
        return next.equals(tree)
                ? this
                : by(next, node -> tree.contains(next.path(node)) ? get(next.path(node)) : forNew);
    }

    /** All bits, 8 bytes a node, in the order of the tree: what a replay must reproduce. */
    public byte[] toBytes() {
        byte[] bytes = new byte[Double.BYTES * values.length];
        for (int i = 0; i < bytes.length; i++) {
            long bits = Double.doubleToLongBits(values[i / Double.BYTES]);
            bytes[i] = (byte) (bits >>> (Long.SIZE - Byte.SIZE * (1 + i % Double.BYTES)));
        }
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TenantValues that && tree.equals(that.tree) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int node = 0; node < values.length; node++) {
            text.append(node == 0 ? "" : ", ")
                    .append(tree.path(node))
                    .append('=')
                    .append(values[node]);
        }
        return text.toString();
    }
}
