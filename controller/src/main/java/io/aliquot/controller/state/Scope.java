package io.aliquot.controller.state;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which tenants somebody may see: all, or some subtrees. Immutable.
 *
 * @param all then there are no roots
 * @param roots paths; each stands for itself and all that is in it; unmodifiable
 */
public record Scope(boolean all, SortedSet<String> roots) {
    /** Every tenant, and the cluster itself. */
    public static final Scope ALL = new Scope(true, Collections.emptySortedSet());

    /** @throws IllegalArgumentException when it would be nothing, or all and some */
    public Scope {
        roots = Collections.unmodifiableSortedSet(new TreeSet<>(roots));
        if (all != roots.isEmpty()) {
            throw new IllegalArgumentException("a scope of " + (all ? "all and " : "") + roots + ": expected either");
        }
    }

    /** These tenants and all that is in them. */
    public static Scope of(Collection<String> roots) {
        return new Scope(false, new TreeSet<>(roots));
    }

    /** Whether the tenant is a root or in one. */
    public boolean sees(String tenant) {
        return all || roots.contains(tenant) || holds(tenant);
    }

    /** Whether the tenant is in a root, and not one itself. */
    public boolean holds(String tenant) {
        return all || roots.stream().anyMatch(root -> tenant.startsWith(root + "/"));
    }

    /** For messages. */
    @Override
    public String toString() {
        return all ? "all tenants" : String.join(", ", roots);
    }
}
