package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.DemandEstimator;
import io.aliquot.controller.fairshare.Permille;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a node. Immutable.
 *
 * @param report its newest telemetry
 * @param receivedAtMs when that came, on the controller's monotonic clock
 * @param silent true when it has not reported for a while; a silent node keeps its last decision
 * @param usage per GPU and tenant, by {@link Place}
 */
public record NodeState(NodeReport report, long receivedAtMs, boolean silent, Map<Place, Usage> usage) {
    /** Time constant of the running mean of what a tenant achieved, seconds. */
    static final double MEAN_SECONDS = 0.5;

    /** Who has used less than this of a GPU for some seconds, and holds no memory there, has no work there. */
    private static final double LEAST_PERMILLE = 1;

    private static final double US_PER_SECOND = 1e6;

    public NodeState {
        usage = Map.copyOf(usage);
    }

    /** A tenant on a GPU. */
    public record Place(String gpuUuid, String tenant) {}

    /**
     * A tenant's use of a GPU, permille of its time.
     *
     * @param demandPermille what it would use if nothing held it back
     * @param achievedPermille what it used: a running mean over about a second
     */
    public record Usage(double demandPermille, double achievedPermille) {}

    /**
     * The state after a report; a tenant that is not in it any more has no demand, at once. A process is counted on all GPUs of
     * its node: it has work on those on which it holds memory, or has launched something of late.
     */
    static NodeState after(@Nullable NodeState before, NodeReport report, long receivedAtMs) {
        Map<Place, Usage> usage = new HashMap<>();
        double seconds = report.intervalUs() / US_PER_SECOND;
        for (NodeReport.Gpu gpu : report.gpus()) {
            for (NodeReport.Tenant tenant : gpu.tenants()) {
                Place place = new Place(gpu.uuid(), tenant.tenant());
                Usage last = before == null ? null : before.usage.get(place);
                if (tenant.processes() > 0 && hasWork(tenant, last)) {
                    usage.put(place, next(last, tenant, seconds));
                }
            }
        }
        return new NodeState(report, receivedAtMs, false, usage);
    }

    private static boolean hasWork(NodeReport.Tenant tenant, @Nullable Usage last) {
        return tenant.memoryUsedBytes() > 0
                || tenant.gpuNs() > 0
                || tenant.blockedPermille() > 0
                || (last != null && last.achievedPermille() > LEAST_PERMILLE);
    }

    private static Usage next(@Nullable Usage before, NodeReport.Tenant tenant, double seconds) {
        double busy = Math.clamp(tenant.gpuNs() / (seconds * 1e9) * Permille.WHOLE, 0, Permille.WHOLE);
        double demand = DemandEstimator.next(
                before == null ? 0 : before.demandPermille(), busy, tenant.blockedPermille(), seconds);
        double weight = before == null ? 1 : 1 - StrictMath.exp(-seconds / MEAN_SECONDS);
        double mean = before == null ? 0 : before.achievedPermille();
        return new Usage(demand, mean + (busy - mean) * weight);
    }

    /** What a tenant used and wants on a GPU; empty when it has no process there. */
    public Optional<Usage> usage(String gpuUuid, String tenant) {
        return Optional.ofNullable(usage.get(new Place(gpuUuid, tenant)));
    }

    /** The tenant's demand on a GPU, whole permille, rounded up; 0 when it has no process there. */
    int demandPermille(String gpuUuid, String tenant) {
        return usage(gpuUuid, tenant)
                .map(u -> (int) Math.ceil(u.demandPermille()))
                .orElse(0);
    }

    NodeState silenced() {
        return new NodeState(report, receivedAtMs, true, usage);
    }
}
