package io.aliquot.agent.metering;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuProcess;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuReadings;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.agent.model.TenantUsage;
import io.aliquot.schema.ServiceClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final long MS = 1_000_000;
    private static final int OWN = 77;
    private static final int COUNTERS = 8; // of four tenants on two GPUs
    private static final GpuInfo GPU = new GpuInfo(0, "GPU-a", "test", 1L << 34, true);
    private static final GpuReadings NONE = new GpuReadings(List.of(), List.of());

    @Test
    void countsWhatGrewInTheInterval() {
        Meter meter = Meter.startingAt(at(0, tenant("a", 10 * MS, 5 * MS, 7 * MS, 3, 1)), OWN);

        Meter.Step step = step(meter, at(100, tenant("a", 40 * MS, 25 * MS, 57 * MS, 13, 1)));

        TenantUsage usage = step.gpus().getFirst().tenants().getFirst();
        assertThat(step.intervalNs()).isEqualTo(100 * MS);
        assertThat(usage.gpuNs()).isEqualTo(30 * MS);
        assertThat(usage.waitedNs()).isEqualTo(20 * MS);
        assertThat(usage.blockedPermille()).isEqualTo(500);
        assertThat(usage.launches()).isEqualTo(10);
        assertThat(usage.anomalies()).isZero();
    }

    @Test
    void countsATenantThatIsNewFromZero() {
        Meter meter = Meter.startingAt(at(0), OWN);

        Meter.Step step = step(meter, at(100, tenant("a", 30 * MS, 0, 0, 1, 0)));

        assertThat(step.gpus().getFirst().tenants().getFirst().gpuNs()).isEqualTo(30 * MS);
    }

    @Test
    void carriesALongKernelIntoTheNextIntervalsWithoutAnAnomaly() {
        Meter meter = Meter.startingAt(at(0, tenant("a", 0, 0, 0, 0, 0)), OWN);

        Meter.Step first = step(meter, at(100, tenant("a", 250 * MS, 0, 0, 1, 0)));
        Meter.Step second = step(first.next(), at(200, tenant("a", 250 * MS, 0, 0, 1, 0)));
        Meter.Step third = step(second.next(), at(300, tenant("a", 250 * MS, 0, 0, 1, 0)));

        assertThat(List.of(first, second, third))
                .extracting(s -> s.gpus().getFirst().tenants().getFirst().gpuNs() / MS)
                .containsExactly(100L, 100L, 50L);
        assertThat(List.of(first, second, third))
                .allMatch(s -> s.gpus().getFirst().tenants().getFirst().anomalies() == 0);
    }

    @Test
    void reportsATenantThatClaimsMoreThanAnyKernelCould() {
        Meter meter = Meter.startingAt(at(0, tenant("a", 0, 0, 0, 0, 0)), OWN);

        Meter.Step step = step(meter, at(100, tenant("a", 90_000 * MS, 0, 0, 1, 0)));

        assertThat(step.gpus().getFirst().tenants().getFirst().anomalies()).isEqualTo(1);
        assertThat(step.gpus().getFirst().tenants().getFirst().gpuNs()).isEqualTo(100 * MS);
    }

    @Test
    void countsACounterThatWentBackAsNothingAndAsAnAnomaly() {
        Meter meter = Meter.startingAt(at(0, tenant("a", 90 * MS, 0, 0, 9, 0)), OWN);

        Meter.Step step = step(meter, at(100, tenant("a", 10 * MS, 0, 0, 9, 0)));

        assertThat(step.gpus().getFirst().tenants().getFirst().gpuNs()).isZero();
        assertThat(step.gpus().getFirst().tenants().getFirst().anomalies()).isEqualTo(1);
    }

    @Test
    void cutsTenantsInProportionWhenTheyClaimMoreThanTheGpuHasAndCarriesTheRest() {
        Meter meter = Meter.startingAt(at(0), OWN);
        TenantSnapshot a = tenant("a", 90 * MS, 0, 0, 1, 0);
        TenantSnapshot b = tenant("b", 60 * MS, 0, 0, 1, 0);

        Meter.Step first = step(meter, at(100, a, b));
        Meter.Step second = step(first.next(), at(200, a, b));
        Meter.Step third = step(second.next(), at(300, a, b));

        assertThat(first.gpus().getFirst().tenants())
                .extracting(TenantUsage::gpuNs)
                .containsExactly(60 * MS, 40 * MS);
        assertThat(second.gpus().getFirst().tenants())
                .extracting(TenantUsage::gpuNs)
                .containsExactly(30 * MS, 20 * MS);
        assertThat(third.gpus().getFirst().tenants())
                .extracting(TenantUsage::gpuNs)
                .containsExactly(0L, 0L);
    }

    @Test
    void reportsProcessesThatNoLimiterReports() {
        GpuReading reading = new GpuReading(
                0,
                0,
                1000,
                List.of(new GpuProcess(1, 10), new GpuProcess(2, 20), new GpuProcess(3, 30), new GpuProcess(OWN, 0)));
        Meter meter = Meter.startingAt(withProcesses(at(0), Map.of(2, "a")), OWN);

        Meter.Step step = meter.step(
                withProcesses(at(100), Map.of(1, "a")),
                new GpuReadings(List.of(reading), List.of()),
                List.of(GPU),
                Optional.empty());

        assertThat(step.gpus().getFirst().unlimited()).containsExactly(new GpuProcess(3, 30));
    }

    @Test
    void showsWhatNvmlSeesOfATenantBeyondWhatItHolds() {
        GpuReading reading = new GpuReading(
                0, 0, 1000, List.of(new GpuProcess(1, 700), new GpuProcess(2, 600), new GpuProcess(3, 5000)));
        Meter meter = Meter.startingAt(at(0), OWN);
        NodeSnapshot after =
                withProcesses(at(100, holding("a", 1000, 50), holding("b", 6000, 0)), Map.of(1, "a", 2, "a", 3, "b"));

        List<TenantUsage> tenants = meter.step(
                        after, new GpuReadings(List.of(reading), List.of()), List.of(GPU), Optional.empty())
                .gpus()
                .getFirst()
                .tenants();

        assertThat(tenants).extracting(TenantUsage::memoryOverheadBytes).containsExactly(300L, 0L);
        assertThat(tenants).extracting(TenantUsage::pinnedBytes).containsExactly(50L, 0L);
    }

    @Test
    void passesOnWhatTheDecisionInForceGuaranteesAndTheQuotaBehindIt() {
        List<TenantShare> shares = List.of(
                new TenantShare("a", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 0, 1, 625, 7),
                new TenantShare("b", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 0, 1, 375, 8));
        Decision decision =
                new Decision("n1", new FenceStamp("L", 1, 1), 0, 1000, List.of(new GpuShares(GPU.uuid(), shares)));
        GpuInfo other = new GpuInfo(1, "GPU-b", "test", 1L << 34, true);
        TenantSnapshot idle = tenant("a", 0, 0, 0, 0, 0);
        NodeSnapshot after = at(100, idle, tenant("gone", 0, 0, 0, 0, 0), onGpu(1, idle));

        Meter.Step step =
                Meter.startingAt(at(0), OWN).step(after, NONE, List.of(GPU, other), Optional.of(decision.atFallback()));

        assertThat(step.gpus().get(0).tenants())
                .extracting(TenantUsage::guaranteedPermille)
                .containsExactly(625, 0);
        assertThat(step.gpus().get(0).tenants())
                .extracting(TenantUsage::quotaVersion)
                .containsExactly(7L, 0L);
        assertThat(step.gpus().get(1).tenants())
                .extracting(TenantUsage::guaranteedPermille)
                .containsExactly(0);
    }

    @Test
    void hasNoReadingOfALostGpuAndStillMetersItsTenants() {
        Meter meter = Meter.startingAt(at(0), OWN);

        Meter.Step step = step(meter, at(100, tenant("a", 30 * MS, 0, 0, 1, 0)));

        assertThat(step.gpus().getFirst().reading()).isEmpty();
        assertThat(step.gpus().getFirst().tenants()).hasSize(1);
    }

    @Property
    void neverReportsMoreThanTheIntervalNorLosesWhatOneTenantUsed(
            @ForAll @Size(min = 1, max = 30) List<@LongRange(min = 0, max = 100_000_000) Long> deltasNs) {
        Meter meter = Meter.startingAt(at(0, tenant("a", 0, 0, 0, 0, 0)), OWN);
        long counter = 0;
        long reported = 0;
        long ms = 0;
        for (long delta : deltasNs) {
            counter += delta;
            ms += 50;
            Meter.Step step = step(meter, at(ms, tenant("a", counter, 0, 0, 0, 0)));
            meter = step.next();
            long gpuNs = step.gpus().getFirst().tenants().getFirst().gpuNs();
            assertThat(gpuNs).isBetween(0L, step.intervalNs());
            reported += gpuNs;
        }
        for (int i = 0; i < 30; i++) {
            ms += 50;
            Meter.Step step = step(meter, at(ms, tenant("a", counter, 0, 0, 0, 0)));
            meter = step.next();
            reported += step.gpus().getFirst().tenants().getFirst().gpuNs();
        }
        assertThat(reported).isLessThanOrEqualTo(counter);
        if (deltasNs.size() <= 20) { // 20 × (100 - 50) ms fit the carry
            assertThat(reported).isEqualTo(counter);
        }
    }

    @Property
    void neverReportsMoreThanOneGpuOfTimeForAllTenants(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 0, max = Long.MAX_VALUE / 64) Long> claims) {
        TenantSnapshot[] tenants = new TenantSnapshot[claims.size()];
        for (int i = 0; i < tenants.length; i++) {
            tenants[i] = tenant("t" + i, claims.get(i), 0, 0, 0, 0);
        }

        Meter.Step step = step(Meter.startingAt(at(0), OWN), at(100, tenants));

        long sum = step.gpus().getFirst().tenants().stream()
                .mapToLong(TenantUsage::gpuNs)
                .sum();
        assertThat(sum).isLessThanOrEqualTo(step.intervalNs());
    }

    /**
     * One interval.
     *
     * @param grownNs what the counters of each tenant on each GPU grew by
     * @param renewed those that are of a new tenant of the same name, and so began at 0 again
     */
    private record Look(long lengthNs, List<Long> grownNs, Set<Integer> renewed) {}

    @Property
    void noGpuHasMoreUsedTimeThanTimeInTelemetryWhateverTheCountersSay(
            @ForAll("looks") @Size(min = 1, max = 30) List<Look> looks) {
        GpuInfo other = new GpuInfo(1, "GPU-b", "test", 1L << 34, true);
        long[] countersNs = new long[COUNTERS];
        long beganNs = 12_345_678_901_234L;
        long nowNs = beganNs;
        long sumUs = 0;
        Meter meter = Meter.startingAt(new NodeSnapshot(nowNs, List.of(), 0, 0, 0, 0, 0, 0, Map.of()), OWN);
        for (Look look : looks) {
            nowNs += look.lengthNs();
            List<TenantSnapshot> tenants = new ArrayList<>();
            for (int i = 0; i < COUNTERS; i++) {
                countersNs[i] = (look.renewed().contains(i) ? 0 : countersNs[i])
                        + look.grownNs().get(i);
                tenants.add(onGpu(i % 2, tenant("t" + i / 2, countersNs[i], 0, 0, 0, 0)));
            }
            NodeSnapshot after = new NodeSnapshot(nowNs, tenants, 0, 0, 0, 0, 0, 0, Map.of());
            Meter.Step step = meter.step(after, NONE, List.of(GPU, other), Optional.empty());
            meter = step.next();

            long intervalUs = step.intervalNs() / 1000; // as telemetry gives it
            sumUs += intervalUs;
            assertThat(step.gpus())
                    .allSatisfy(gpu -> assertThat(gpu.tenants().stream()
                                    .mapToLong(TenantUsage::gpuNs)
                                    .sum())
                            .isLessThanOrEqualTo(intervalUs * 1000));
        }
        assertThat(sumUs).as("the intervals add up").isEqualTo(nowNs / 1000 - beganNs / 1000);
    }

    @Provide
    Arbitrary<List<Look>> looks() {
        Arbitrary<Long> grownNs = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.longs().between(0, 60_000_000)),
                Tuple.of(1, Arbitraries.longs().between(0, 3_000_000_000L)),
                Tuple.of(2, Arbitraries.just(0L)));
        return Combinators.combine(
                        Arbitraries.longs().between(1_000, 300_000_000),
                        grownNs.list().ofSize(COUNTERS),
                        Arbitraries.integers().between(0, COUNTERS - 1).set().ofMaxSize(2))
                .as(Look::new)
                .list();
    }

    private static Meter.Step step(Meter meter, NodeSnapshot after) {
        return meter.step(after, NONE, List.of(GPU), Optional.empty());
    }

    private static NodeSnapshot at(long ms, TenantSnapshot... tenants) {
        return new NodeSnapshot(ms * MS, List.of(tenants), 0, 0, 0, 0, 0, 0, Map.of());
    }

    private static NodeSnapshot withProcesses(NodeSnapshot of, Map<Integer, String> processes) {
        return new NodeSnapshot(of.takenAtNs(), of.tenants(), 0, 0, 0, 0, 0, 0, processes);
    }

    private static TenantSnapshot tenant(
            String name, long gpuNs, long waitedNs, long blockedNs, long launches, long anomalies) {
        var quota = new TenantSnapshot.Quota(1, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 0);
        return new TenantSnapshot(
                name, 0, 1, gpuNs, 0, waitedNs, blockedNs, launches, 0, anomalies, 0, 0, 0, false, quota);
    }

    private static TenantSnapshot onGpu(int gpuIndex, TenantSnapshot of) {
        return new TenantSnapshot(
                of.tenant(),
                gpuIndex,
                of.processes(),
                of.gpuNs(),
                of.heldNs(),
                of.waitedNs(),
                of.blockedNs(),
                of.launches(),
                of.memoryUsedBytes(),
                of.anomalies(),
                of.unhookedLookups(),
                of.pinnedBytes(),
                of.waitingThreads(),
                of.hasTurn(),
                of.share());
    }

    private static TenantSnapshot holding(String name, long memoryBytes, long pinnedBytes) {
        var quota = new TenantSnapshot.Quota(1, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 0);
        return new TenantSnapshot(name, 0, 1, 0, 0, 0, 0, 0, memoryBytes, 0, 0, pinnedBytes, 0, false, quota);
    }
}
