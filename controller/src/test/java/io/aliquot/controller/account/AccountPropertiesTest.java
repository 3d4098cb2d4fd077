package io.aliquot.controller.account;

import static io.aliquot.controller.account.Telemetries.TEN_MS;
import static io.aliquot.controller.account.Telemetries.entered;
import static io.aliquot.controller.account.Telemetries.report;
import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.account.Telemetries.Stored;
import io.aliquot.controller.state.NodeReport;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What holds for whatever telemetry comes. */
class AccountPropertiesTest {
    private static final long HOUR_NS = 3_600_000_000_000L;

    @Provide
    Arbitrary<List<Stored>> courses() {
        return Telemetries.courses();
    }

    @Provide
    Arbitrary<List<Stored>> hostile() {
        return Telemetries.hostile();
    }

    @Provide
    Arbitrary<NodeReport.Gpu> hostileGpu() {
        return Telemetries.hostileGpus("g");
    }

    @Provide
    Arbitrary<NodeReport.Gpu> gpu() {
        return Telemetries.gpus("g", 1_000_000);
    }

    @Property
    void usedAndIdleAreTheWallTimeWhateverIsSaid(
            @ForAll("hostileGpu") NodeReport.Gpu gpu, @ForAll @LongRange(min = 1, max = 600_000_000) long micros) {
        GpuTime time = new Interval(gpu, micros).all();
        assertThat(sum(time, TenantTime::usedNs) + time.idleNs()).isEqualTo(micros * 1000);
        assertThat(time.idleNs()).isNotNegative();
        assertThat(sum(time, TenantTime::lentNs)).isLessThanOrEqualTo(sum(time, TenantTime::borrowedNs));
        time.tenants().values().forEach(tenant -> {
            assertThat(tenant.lentNs()).isLessThanOrEqualTo(Math.max(0, tenant.guaranteedNs() - tenant.usedNs()));
            assertThat(tenant.borrowedNs()).isEqualTo(Math.max(0, tenant.usedNs() - tenant.guaranteedNs()));
        });
    }

    @Property
    void borrowedTimeIsLentOrWasGuaranteedToNobody(@ForAll("gpu") NodeReport.Gpu gpu) {
        long wallNs = 1_000_000_000;
        GpuTime time = new Interval(gpu, 1_000_000).all();
        long unclaimed = Math.max(0, wallNs - sum(time, TenantTime::guaranteedNs));
        assertThat(sum(time, TenantTime::lentNs)).isEqualTo(Math.max(0, sum(time, TenantTime::borrowedNs) - unclaimed));
    }

    @Property
    void overReportingIsCutInProportion(@ForAll("gpu") NodeReport.Gpu gpu) {
        long saidNs = gpu.tenants().stream().mapToLong(NodeReport.Tenant::gpuNs).sum();
        GpuTime time = new Interval(gpu, 1_000_000).all();
        for (NodeReport.Tenant tenant : gpu.tenants()) {
            long usedNs = time.tenants()
                    .getOrDefault(tenant.tenant(), TenantTime.NONE)
                    .usedNs();
            double fair = saidNs <= 1_000_000_000L ? tenant.gpuNs() : tenant.gpuNs() * (1e9 / saidNs);
            assertThat((double) usedNs).isBetween(fair - 1.001, fair + 1.001);
        }
    }

    @Property
    void bothPartsOfASplitIntervalBalanceAndAreTheWhole(
            @ForAll("hostileGpu") NodeReport.Gpu gpu,
            @ForAll @LongRange(min = 1, max = 600_000_000) long micros,
            @ForAll @IntRange(min = 0, max = 1000) int permille) {
        Interval interval = new Interval(gpu, micros);
        long part = micros * permille / 1000;
        assertThat(interval.first(part).wallNs()).isEqualTo(part * 1000);
        assertThat(interval.first(part).plus(interval.rest(part)).tenants())
                .containsExactlyInAnyOrderEntriesOf(interval.all().tenants());
        assertThat(interval.first(part).idleNs() + interval.rest(part).idleNs())
                .isEqualTo(interval.all().idleNs());
    }

    @Property
    void twoRecordsOfHalfTheLengthGiveTheSame(@ForAll("halves") List<NodeReport.Gpu> halves) {
        Books whole = new Books();
        Books parts = new Books();
        long sequence = 0;
        for (NodeReport.Gpu half : halves) {
            long endMs = TEN_MS + 3_590_500 + 2000 * ++sequence;
            NodeReport.Gpu twice = Telemetries.gpu(
                    "g",
                    half.tenants().stream()
                            .map(t -> Telemetries.tenant(
                                    t.tenant(),
                                    2 * t.gpuNs(),
                                    t.guaranteedPermille(),
                                    t.blockedPermille(),
                                    t.memoryUsedBytes()))
                            .toArray(NodeReport.Tenant[]::new));
            whole.enter(report("n", sequence, endMs, 2_000_000, twice), endMs);
            parts.enter(report("n", 2 * sequence - 1, endMs - 1000, 1_000_000, half), endMs - 1000);
            parts.enter(report("n", 2 * sequence, endMs, 1_000_000, half), endMs);
        }
        Sums one = total(whole);
        Sums two = total(parts);
        assertThat(List.of(two.usedNs(), two.guaranteedNs(), two.borrowedNs(), two.waitingNs()))
                .isEqualTo(List.of(one.usedNs(), one.guaranteedNs(), one.borrowedNs(), one.waitingNs()));
        assertThat(two.idleNs()).isEqualTo(one.idleNs());
        assertThat(two.memoryByteMicros()).isEqualTo(one.memoryByteMicros());
        assertThat(two.lentNs()).isEqualTo(one.lentNs());
    }

    /** Halves whose sum fits, so that doubling rounds nothing. */
    @Provide
    Arbitrary<List<NodeReport.Gpu>> halves() {
        return Telemetries.gpus("g", 200_000).list().ofMaxSize(20);
    }

    @Property
    void nodesThatLoseRecordsBalanceInEachHour(@ForAll("courses") List<Stored> records) {
        assertWithinTheHours(entered(records));
    }

    @Property
    void nodesThatSayAnythingBalanceInEachHour(@ForAll("hostile") List<Stored> records) {
        assertWithinTheHours(entered(records));
    }

    @Property
    void observedAndUnobservedTimeIsAllTimeBetweenFirstAndLast(@ForAll("courses") List<Stored> records) {
        Books books = entered(records);
        for (String node : List.of("n1", "n2")) {
            List<NodeReport> own = records.stream()
                    .map(Stored::report)
                    .filter(report -> report.node().equals(node))
                    .toList();
            if (own.isEmpty()) {
                continue;
            }
            long passedNs = (own.getLast().sampledAtUnixMs() - own.getFirst().sampledAtUnixMs()) * 1_000_000
                    + own.getFirst().intervalUs() * 1000;
            long countedNs = books.settled().entrySet().stream()
                    .filter(e ->
                            e.getKey().node().equals(node) && e.getKey().gpu().equals("g"))
                    .mapToLong(e -> e.getValue().wallNs() + e.getValue().unobservedNs())
                    .sum();
            // The clock is told in milliseconds.
            assertThat(countedNs).isBetween(passedNs - 2_000_000, passedNs + 2_000_000);
        }
    }

    @Property
    void settlingInPortionsOrRestartingGivesTheSame(
            @ForAll("hostile") List<Stored> records, @ForAll @IntRange(min = 1, max = 7) int portion) {
        Books once = entered(records);
        Map<GpuHour, GpuTime> entries = new java.util.TreeMap<>();
        Map<String, NodeMark> marks = new java.util.TreeMap<>();
        Books books = new Books();
        for (int i = 0; i < records.size(); i++) {
            books.enter(records.get(i).report(), records.get(i).appendedAtUnixMs());
            if (i % portion == 0) {
                entries.putAll(books.changedEntries());
                marks.putAll(books.changedMarks());
                books = new Books(entries, marks);
            }
        }
        books.settle(Integer.MAX_VALUE);
        assertThat(books.settled()).containsAllEntriesOf(once.settled());
    }

    @Property
    void recordsThatComeAgainChangeNothing(@ForAll("courses") List<Stored> records) {
        List<Stored> twice = new ArrayList<>();
        for (Stored record : records) {
            twice.add(record);
            twice.add(record);
        }
        assertThat(entered(twice).settled()).isEqualTo(entered(records).settled());
        List<Stored> again = new ArrayList<>(records);
        again.addAll(records);
        assertThat(entered(again).settled()).isEqualTo(entered(records).settled());
    }

    @Property
    void everyReportAddsUpToTheSame(@ForAll("courses") List<Stored> records) {
        Books books = entered(records);
        for (By by : By.values()) {
            Report report = Telemetries.report(books, by);
            assertThat(report.total().usedNs().add(report.total().idleNs())).isEqualTo(report.wallNs());
            BigInteger rows = report.rows().stream()
                    .map(row -> row.sums().usedNs().add(row.sums().idleNs()))
                    .reduce(BigInteger.ZERO, BigInteger::add);
            BigInteger idle = by == By.TENANT || by == By.TEAM ? report.total().idleNs() : BigInteger.ZERO;
            assertThat(rows.add(idle)).isEqualTo(report.wallNs());
        }
    }

    private static void assertWithinTheHours(Books books) {
        books.settled().forEach((key, time) -> {
            assertThat(sum(time, TenantTime::usedNs) + time.idleNs()).isEqualTo(time.wallNs());
            assertThat(time.wallNs() + time.unobservedNs()).isLessThanOrEqualTo(HOUR_NS);
            assertThat(sum(time, TenantTime::lentNs)).isLessThanOrEqualTo(sum(time, TenantTime::borrowedNs));
        });
    }

    private static Sums total(Books books) {
        books.settle(1000);
        return Telemetries.report(books, By.TENANT).total();
    }

    private static long sum(GpuTime time, java.util.function.ToLongFunction<TenantTime> value) {
        return time.tenants().values().stream().mapToLong(value).sum();
    }

    @Property
    void scalingKeepsTheSumAndEachWithinOne(
            @ForAll @Size(max = 10) List<@LongRange(min = 0, max = 600_000_000_000L) Long> parts,
            @ForAll @LongRange(min = 0, max = 600_000_000_000L) long numerator) {
        long[] values = parts.stream().mapToLong(Long::longValue).toArray();
        long[] scaled = Whole.scaled(values, numerator, 600_000_000_000L);
        BigInteger exact = BigInteger.valueOf(LongStream.of(values).sum())
                .multiply(BigInteger.valueOf(numerator))
                .divide(BigInteger.valueOf(600_000_000_000L));
        assertThat(BigInteger.valueOf(LongStream.of(scaled).sum())).isEqualTo(exact);
        for (int i = 0; i < values.length; i++) {
            assertThat(scaled[i]).isBetween(0L, values[i]);
        }
    }
}
