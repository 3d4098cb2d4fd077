package io.aliquot.controller.fairshare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tenants of a cluster as a tree. Immutable; any thread. Node 0 is the cluster itself; parents come before their
 * children, and the children of one parent are consecutive, by name. So the order in which a policy was written counts for
 * nothing.
 */
public final class PolicyTree {
    /** The cluster itself. */
    public static final int ROOT = 0;

    private static final TenantPolicy CLUSTER = TenantPolicy.of("");

    private final TenantPolicy[] nodes;
    private final int[] parent;
    private final int[] firstChild;
    private final int[] endChild;
    private final Map<String, Integer> indexByPath;

    private PolicyTree(Map<String, List<TenantPolicy>> childrenByPath, int size) {
        nodes = new TenantPolicy[size];
        parent = new int[size];
        firstChild = new int[size];
        endChild = new int[size];
        indexByPath = HashMap.newHashMap(size);
        nodes[ROOT] = CLUSTER;
        parent[ROOT] = -1;
        int end = 1;
        for (int node = 0; node < size; node++) {
            indexByPath.put(nodes[node].path(), node);
            firstChild[node] = end;
            for (TenantPolicy child : childrenByPath.getOrDefault(nodes[node].path(), List.of())) {
                nodes[end] = child;
                parent[end++] = node;
            }
            endChild[node] = end;
        }
    }

    /** @throws InvalidPolicyException with every problem that {@link PolicyRules#check} finds */
    public static PolicyTree of(List<TenantPolicy> tenants) {
        List<PolicyProblem> problems = PolicyRules.check(tenants);
        if (!problems.isEmpty()) {
            throw new InvalidPolicyException(problems);
        }
        Map<String, List<TenantPolicy>> children = new HashMap<>();
        tenants.stream()
                .sorted(Comparator.comparing(TenantPolicy::path))
                .forEach(tenant -> children.computeIfAbsent(tenant.parent(), p -> new ArrayList<>())
                        .add(tenant));
        return new PolicyTree(children, tenants.size() + 1);
    }

    /** Nodes, the cluster among them. */
    public int size() {
        return nodes.length;
    }

    /** What was written for the node; weight 1 and no bounds for the cluster. */
    public TenantPolicy policy(int node) {
        return nodes[node];
    }

    /** The node's path; empty for the cluster. */
    public String path(int node) {
        return nodes[node].path();
    }

    /** The node above; -1 for the cluster. */
    public int parent(int node) {
        return parent[node];
    }

    /** The node's first child; no child when it equals {@link #endChild}. */
    public int firstChild(int node) {
        return firstChild[node];
    }

    /** One past the node's last child. */
    public int endChild(int node) {
        return endChild[node];
    }

    /** True for a tenant with no tenants in it: only such have demand of their own. */
    public boolean isLeaf(int node) {
        return firstChild[node] == endChild[node];
    }

    public boolean contains(String path) {
        return indexByPath.containsKey(path);
    }

    /** @throws IllegalArgumentException when there is no such tenant */
    public int index(String path) {
        Integer index = indexByPath.get(path);
        if (index == null) {
            throw new IllegalArgumentException("tenant '" + Words.shown(path) + "' is unknown: expected one of the "
                    + (size() - 1) + " in the policy");
        }
        return index;
    }

    /** The tenants as they were given, parents first. */
    public List<TenantPolicy> tenants() {
        return List.of(nodes).subList(1, nodes.length);
    }

    /** Equal when the tenants are: the order in which they were given does not count. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolicyTree tree
                && (nodes == tree.nodes || tenants().equals(tree.tenants()));
    }

    @Override
    public int hashCode() {
        return Objects.hash(tenants());
    }

    @Override
    public String toString() {
        return tenants().toString();
    }
}
