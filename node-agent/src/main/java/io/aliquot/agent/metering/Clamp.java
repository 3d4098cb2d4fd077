package io.aliquot.agent.metering;

import io.aliquot.agent.model.TenantUsage;
import java.math.BigInteger;
import java.util.List;

/** A GPU has one second a second: when its tenants say more together, each one's part is cut in proportion. Order stays. */
final class Clamp {
    private Clamp() {}

    static List<TenantUsage> toInterval(List<TenantUsage> tenants, long intervalNs) {
        BigInteger sum =
                tenants.stream().map(t -> BigInteger.valueOf(t.gpuNs())).reduce(BigInteger.ZERO, BigInteger::add);
        BigInteger interval = BigInteger.valueOf(intervalNs);
        if (sum.compareTo(interval) <= 0) {
            return tenants;
        }
        return tenants.stream()
                .map(t -> withGpuNs(
                        t,
                        BigInteger.valueOf(t.gpuNs())
                                .multiply(interval)
                                .divide(sum)
                                .longValueExact()))
                .toList();
    }

    private static TenantUsage withGpuNs(TenantUsage usage, long gpuNs) {
        return new TenantUsage(
                usage.tenant(),
                usage.processes(),
                gpuNs,
                usage.waitedNs(),
                usage.blockedPermille(),
                usage.launches(),
                usage.memoryUsedBytes(),
                usage.memoryLimitBytes(),
                usage.weight(),
                usage.serviceClass(),
                usage.targetPermille(),
                usage.guaranteedPermille(),
                usage.quotaVersion(),
                usage.anomalies(),
                usage.unhookedLookups(),
                usage.pinnedBytes(),
                usage.memoryOverheadBytes());
    }
}
