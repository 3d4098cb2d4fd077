package io.aliquot.agent.metering;

import io.aliquot.agent.model.TenantSnapshot;
import java.util.Optional;

/** What grew between two counters of one tenant on one GPU. A counter that went back counts as 0 and as an anomaly. */
record Delta(long gpuNs, long waitedNs, long blockedNs, long launches, long anomalies, long unhookedLookups) {
    Delta(Optional<TenantSnapshot> before, TenantSnapshot after) {
        this(
                grown(before.map(TenantSnapshot::gpuNs).orElse(0L), after.gpuNs()),
                grown(before.map(TenantSnapshot::waitedNs).orElse(0L), after.waitedNs()),
                grown(before.map(TenantSnapshot::blockedNs).orElse(0L), after.blockedNs()),
                grown(before.map(TenantSnapshot::launches).orElse(0L), after.launches()),
                grown(before.map(TenantSnapshot::anomalies).orElse(0L), after.anomalies())
                        + before.map(b -> backwards(b, after)).orElse(0L),
                grown(before.map(TenantSnapshot::unhookedLookups).orElse(0L), after.unhookedLookups()));
    }

    private static long grown(long before, long after) {
        return Math.max(0, after - before);
    }

    private static long backwards(TenantSnapshot before, TenantSnapshot after) {
        boolean any = after.gpuNs() < before.gpuNs()
                || after.waitedNs() < before.waitedNs()
                || after.blockedNs() < before.blockedNs()
                || after.launches() < before.launches();
        return any ? 1 : 0;
    }
}
