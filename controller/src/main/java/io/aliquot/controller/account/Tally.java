package io.aliquot.controller.account;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** An entry that grows. One thread. */
final class Tally {
    private long wallNs;
    private long idleNs;
    private long unobservedNs;
    private boolean simulated;
    private final SortedMap<String, TenantTime> tenants;

    Tally(GpuTime first) {
        wallNs = first.wallNs();
        idleNs = first.idleNs();
        unobservedNs = first.unobservedNs();
        simulated = first.simulated();
        tenants = new TreeMap<>(first.tenants());
    }

    void add(GpuTime time) {
        wallNs += time.wallNs();
        idleNs += time.idleNs();
        unobservedNs += time.unobservedNs();
        simulated |= time.simulated();
        for (Map.Entry<String, TenantTime> tenant : time.tenants().entrySet()) {
            tenants.merge(tenant.getKey(), tenant.getValue(), TenantTime::plus);
        }
    }

    GpuTime time() {
        return new GpuTime(wallNs, idleNs, unobservedNs, simulated, tenants);
    }
}
