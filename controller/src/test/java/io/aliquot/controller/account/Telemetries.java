package io.aliquot.controller.account;

import io.aliquot.controller.state.NodeReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Telemetry for tests. */
final class Telemetries {
    /** 2026-11-24T10:00:00Z, the beginning of an hour. */
    static final long TEN_MS = 1_795_514_400_000L;

    static final long TEN = TEN_MS / 3_600_000;

    private Telemetries() {}

    /** A record and the time at which the broker stored it. */
    record Stored(NodeReport report, long appendedAtUnixMs) {
        static Stored onTime(NodeReport report) {
            return new Stored(report, report.sampledAtUnixMs());
        }
    }

    static NodeReport report(String node, long sequence, long endMs, long intervalUs, NodeReport.Gpu... gpus) {
        return new NodeReport(node, sequence, endMs, intervalUs, List.of(gpus), Map.of(), Optional.empty());
    }

    static NodeReport.Gpu gpu(String uuid, NodeReport.Tenant... tenants) {
        return new NodeReport.Gpu(uuid, "Simulated", true, 1L << 34, 0, List.of(tenants));
    }

    static NodeReport.Tenant tenant(String name, long gpuNs, int guaranteedPermille) {
        return tenant(name, gpuNs, guaranteedPermille, 0, 0);
    }

    static NodeReport.Tenant tenant(
            String name, long gpuNs, int guaranteedPermille, int blockedPermille, long memoryBytes) {
        return new NodeReport.Tenant(
                name, 1, gpuNs, gpuNs / 2, blockedPermille, memoryBytes, 0, 0, guaranteedPermille, 1);
    }

    static Books entered(List<Stored> records) {
        Books books = new Books();
        records.forEach(record -> books.enter(record.report, record.appendedAtUnixMs));
        books.settle(1000);
        return books;
    }

    static Report report(Books books, By by) {
        return Report.of(books.settled(), new Report.Query(0, Long.MAX_VALUE, by));
    }

    /** Tenants that say what they could: not more than the interval, each. */
    static Arbitrary<NodeReport.Gpu> gpus(String uuid, long intervalUs) {
        return tenants(
                uuid,
                Arbitraries.longs().between(0, intervalUs * 1000),
                Arbitraries.integers().between(0, 1000));
    }

    /** Tenants that say anything at all. */
    static Arbitrary<NodeReport.Gpu> hostileGpus(String uuid) {
        return tenants(uuid, Arbitraries.longs(), Arbitraries.integers());
    }

    private static Arbitrary<NodeReport.Gpu> tenants(String uuid, Arbitrary<Long> gpuNs, Arbitrary<Integer> permille) {
        Arbitrary<NodeReport.Tenant> one = Combinators.combine(
                        Arbitraries.of("a", "b", "org/team/x", "org/team/y", "org/z"), gpuNs, permille, permille, gpuNs)
                .as(Telemetries::tenant);
        return one.list()
                .ofMaxSize(5)
                .uniqueElements(NodeReport.Tenant::tenant)
                .map(tenants -> gpu(uuid, tenants.toArray(NodeReport.Tenant[]::new)));
    }

    /** Records that follow each other over an hour's end, from two nodes, some lost. */
    static Arbitrary<List<Stored>> courses() {
        Arbitrary<Course> course = Combinators.combine(
                        Arbitraries.of("n1", "n2"),
                        Arbitraries.longs().between(1, 120_000_000),
                        gpus("g", 120_000_000),
                        gpus("h", 120_000_000),
                        Arbitraries.of(false, false, false, true))
                .as(Course::new);
        return course.list().ofMaxSize(60).map(steps -> {
            Map<String, long[]> nodes = new TreeMap<>(Map.of("n1", new long[2], "n2", new long[2]));
            List<Stored> records = new ArrayList<>();
            for (Course step : steps) {
                long[] sequenceAndMicros = nodes.get(step.node);
                sequenceAndMicros[0]++;
                sequenceAndMicros[1] += step.intervalUs;
                long endMs = TEN_MS + 3_000_000 + sequenceAndMicros[1] / 1000;
                if (!step.lost) {
                    records.add(Stored.onTime(
                            report(step.node, sequenceAndMicros[0], endMs, step.intervalUs, step.g, step.h)));
                }
            }
            return records;
        });
    }

    private record Course(String node, long intervalUs, NodeReport.Gpu g, NodeReport.Gpu h, boolean lost) {}

    /** Records that say anything at all. */
    static Arbitrary<List<Stored>> hostile() {
        Arbitrary<Long> sequences = Arbitraries.oneOf(Arbitraries.longs().between(0, 10), Arbitraries.longs());
        Arbitrary<Long> times =
                Arbitraries.oneOf(Arbitraries.longs().between(TEN_MS - 100_000, TEN_MS + 100_000), Arbitraries.longs());
        Arbitrary<Long> intervals = Arbitraries.oneOf(
                Arbitraries.longs().between(1, 5_000_000),
                Arbitraries.longs().between(1, Books.LONGEST_MICROS),
                Arbitraries.longs().greaterOrEqual(1));
        return Combinators.combine(Arbitraries.of("n1", "n2"), sequences, times, intervals, hostileGpus("g"), times)
                .as((node, sequence, saidMs, intervalUs, gpu, storedMs) ->
                        new Stored(report(node, sequence, saidMs, intervalUs, gpu), storedMs))
                .list()
                .ofMaxSize(60);
    }
}
