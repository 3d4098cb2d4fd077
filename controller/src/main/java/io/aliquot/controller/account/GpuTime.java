package io.aliquot.controller.account;

import io.aliquot.controller.state.Scope;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An entry: how the time of one GPU in one hour, or in a part of it, was used. It balances by itself: what its tenants used
 * and what was idle is the time that the GPU was watched. Immutable.
 *
 * @param wallNs time that telemetry covers, with {@code unobservedNs} at most an hour
 * @param idleNs part of it in which no tenant used the GPU
 * @param unobservedNs time between two records of the node that no record covers; estimated by clocks
 * @param simulated whether any of it is of Aliquot's simulated GPU
 * @param tenants those that used, held, waited for or were guaranteed anything, by name
 */
public record GpuTime(
        long wallNs, long idleNs, long unobservedNs, boolean simulated, SortedMap<String, TenantTime> tenants) {
    /** Nothing. */
    public static final GpuTime NONE = new GpuTime(0, 0, 0, false, new TreeMap<>());

    /** @throws IllegalArgumentException when it does not balance or a time is below 0 */
    public GpuTime {
        tenants = Collections.unmodifiableSortedMap(new TreeMap<>(tenants));
        long usedNs = tenants.values().stream().mapToLong(TenantTime::usedNs).reduce(0, Math::addExact);
        if (idleNs < 0 || unobservedNs < 0 || usedNs + idleNs != wallNs) {
            throw new IllegalArgumentException("used " + usedNs + " + idle " + idleNs + " ns: expected the wall time "
                    + wallNs + " ns, and unobserved " + unobservedNs + " ns of 0 or more");
        }
    }

    static GpuTime unobserved(long ns) {
        return new GpuTime(0, 0, ns, false, new TreeMap<>());
    }

    GpuTime plus(GpuTime other) {
        SortedMap<String, TenantTime> sum = new TreeMap<>(tenants);
        for (Map.Entry<String, TenantTime> tenant : other.tenants.entrySet()) {
            sum.merge(tenant.getKey(), tenant.getValue(), TenantTime::plus);
        }
        return new GpuTime(
                Math.addExact(wallNs, other.wallNs),
                Math.addExact(idleNs, other.idleNs),
                Math.addExact(unobservedNs, other.unobservedNs),
                simulated || other.simulated,
                sum);
    }

    /** What these tenants used, and nothing besides. */
    GpuTime of(Scope scope) {
        if (scope.all()) {
            return this;
        }
        SortedMap<String, TenantTime> theirs = new TreeMap<>(tenants);
        theirs.keySet().removeIf(tenant -> !scope.sees(tenant));
        long usedNs = theirs.values().stream().mapToLong(TenantTime::usedNs).sum();
        return new GpuTime(usedNs, 0, 0, simulated, theirs);
    }
}
