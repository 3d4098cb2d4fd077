package io.aliquot.agent.metering;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuProcess;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuReadings;
import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.agent.model.TenantUsage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns cumulative counters into what each tenant used in one interval. A value: {@link #step} returns the next one.
 *
 * <p>Work is metered when it ends, which may be in the interval after the one it began in; a kernel may even be longer than an
 * interval. So the counters of a tenant, or of all on a GPU together, may grow by more than one interval. Such a surplus is
 * carried into the intervals that follow, up to {@link #CARRY_LONGEST_NS} a tenant: nothing real is lost and no interval says more
 * than its length. What a tenant's own counter says beyond that can't be real and counts as an anomaly.
 */
public final class Meter {
    /** The longest kernel that is still credited in full, one second. */
    public static final long CARRY_LONGEST_NS = 1_000_000_000L;

    /** A tenant on a GPU. */
    private record Key(String tenant, int gpuIndex) {}

    /** One interval, of whole microseconds: what was used, and the meter for the next one. */
    public record Step(long intervalNs, List<GpuUsage> gpus, Meter next) {}

    private final NodeSnapshot before;
    private final Map<Key, TenantSnapshot> countersBefore;
    private final Map<Key, Long> carriedNs;
    private final int ownProcessId;

    private Meter(NodeSnapshot before, Map<Key, Long> carriedNs, int ownProcessId) {
        this.before = before;
        this.carriedNs = carriedNs;
        this.ownProcessId = ownProcessId;
        this.countersBefore = before.tenants().stream()
                .collect(Collectors.toUnmodifiableMap(t -> new Key(t.tenant(), t.gpuIndex()), t -> t, (a, b) -> b));
    }

    /** @param ownProcessId the agent's own pid, never reported as a process without a limiter */
    public static Meter startingAt(NodeSnapshot first, int ownProcessId) {
        return new Meter(first, Map.of(), ownProcessId);
    }

    /**
     * @param after later than the snapshot of this meter
     * @param readings of NVML, taken with it; a GPU that is missing there has no reading in the usage either
     * @param inForce the decision whose guarantees and quota versions are passed on
     */
    public Step step(NodeSnapshot after, GpuReadings readings, List<GpuInfo> gpus, Optional<Decision> inForce) {
        long intervalNs = wholeMicros(before.takenAtNs(), after.takenAtNs());
        Map<Key, Long> carriedNext = new HashMap<>();
        List<GpuUsage> usages = new ArrayList<>();
        for (GpuInfo gpu : gpus) {
            Optional<GpuReading> reading = readings.of(gpu.index());
            Map<String, TenantShare> shares =
                    inForce.map(d -> d.shares(gpu.uuid())).orElse(Map.of());
            List<TenantUsage> tenants = new ArrayList<>();
            for (TenantSnapshot tenant : after.tenants()) {
                if (tenant.gpuIndex() == gpu.index()) {
                    long overheadBytes = reading.map(r -> overheadBytes(tenant, r, after.processes()))
                            .orElse(0L);
                    Optional<TenantShare> share = Optional.ofNullable(shares.get(tenant.tenant()));
                    tenants.add(usage(tenant, share, overheadBytes, intervalNs, carriedNext));
                }
            }
            List<GpuProcess> unlimited = reading.map(r -> unlimited(r, after)).orElse(List.of());
            List<TenantUsage> clamped = Clamp.toInterval(tenants, intervalNs);
            for (int t = 0; t < clamped.size(); t++) {
                Key key = new Key(tenants.get(t).tenant(), gpu.index());
                long cutNs = tenants.get(t).gpuNs() - clamped.get(t).gpuNs();
                carriedNext.merge(key, cutNs, (a, b) -> Math.min(a + b, CARRY_LONGEST_NS));
            }
            usages.add(new GpuUsage(gpu, reading, clamped, unlimited));
        }
        return new Step(intervalNs, usages, new Meter(after, Map.copyOf(carriedNext), ownProcessId));
    }

    /**
     * An interval in the microseconds that telemetry gives, so that what is used is bounded by what is told, and with both ends
     * rounded alike, so that intervals add up to the time that passed.
     */
    private static long wholeMicros(long fromNs, long toNs) {
        return Math.max(1, Math.floorDiv(toNs, 1000) - Math.floorDiv(fromNs, 1000)) * 1000;
    }

    private TenantUsage usage(
            TenantSnapshot after,
            Optional<TenantShare> decided,
            long overheadBytes,
            long intervalNs,
            Map<Key, Long> carriedNext) {
        Key key = new Key(after.tenant(), after.gpuIndex());
        Delta delta = new Delta(Optional.ofNullable(countersBefore.get(key)), after);
        long dueNs = carriedNs.getOrDefault(key, 0L) + delta.gpuNs();
        long gpuNs = Math.min(dueNs, intervalNs);
        long surplusNs = dueNs - gpuNs;
        long anomalies = delta.anomalies() + (surplusNs > CARRY_LONGEST_NS ? 1 : 0);
        carriedNext.put(key, Math.min(surplusNs, CARRY_LONGEST_NS));
        return new TenantUsage(
                after.tenant(),
                after.processes(),
                gpuNs,
                delta.waitedNs(),
                permille(delta.blockedNs(), intervalNs),
                delta.launches(),
                after.memoryUsedBytes(),
                after.share().memoryLimitBytes(),
                after.share().weight(),
                after.share().serviceClass(),
                after.share().targetPermille(),
                decided.map(TenantShare::guaranteedPermille).orElse(0),
                decided.map(TenantShare::quotaVersion).orElse(0L),
                anomalies,
                delta.unhookedLookups(),
                after.pinnedBytes(),
                overheadBytes);
    }

    /** What the driver takes for the tenant's processes besides what they asked for. */
    private static long overheadBytes(TenantSnapshot tenant, GpuReading reading, Map<Integer, String> tenantOf) {
        long shownBytes = reading.processes().stream()
                .filter(p -> tenant.tenant().equals(tenantOf.get(p.processId())))
                .mapToLong(GpuProcess::memoryUsedBytes)
                .sum();
        return Math.max(0, shownBytes - tenant.memoryUsedBytes());
    }

    private static int permille(long partNs, long intervalNs) {
        return (int) Math.min(1000, Math.round(1000.0 * partNs / intervalNs));
    }

    /** A process that left is still in NVML's list for a moment: whoever was connected at either end has a limiter. */
    private List<GpuProcess> unlimited(GpuReading reading, NodeSnapshot after) {
        return reading.processes().stream()
                .filter(p -> p.processId() != ownProcessId)
                .filter(p -> !after.processes().containsKey(p.processId())
                        && !before.processes().containsKey(p.processId()))
                .toList();
    }
}
