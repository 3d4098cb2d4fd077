package io.aliquot.controller.replay;

import static io.aliquot.controller.replay.Recorder.quota;
import static io.aliquot.controller.replay.Recorder.rememberingQuota;
import static io.aliquot.controller.replay.Recorder.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.policyfile.PolicyFile;
import io.aliquot.controller.replay.ReplayReport.Tenant;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private final Recorder recorder = new Recorder(1, ClusterState.EMPTY, 0);

    /** Whatever happens, in whatever rhythm: quotas that come, change and go, nodes that fall silent, are forgotten, come back. */
    @Property(tries = 50)
    void whatIsRecordedReplaysToTheSameBytes(@ForAll long seed) {
        Random random = new Random(seed);
        Recorder any = new Recorder(3, ClusterState.EMPTY, 1000);
        long nowMs = 1000;
        for (int call = 0; call < 60; call++) {
            nowMs += random.nextInt(40) == 0 ? 700_000 : random.nextInt(30) == 0 ? 6000 : random.nextInt(300);
            String tenant = "t" + random.nextInt(5);
            switch (random.nextInt(12)) {
                case 0 -> any.changed(nowMs, quota(tenant, 1 + random.nextInt(9)), quota("t9", 1));
                case 2 -> any.changed(nowMs, rememberingQuota(tenant, 2, 1 + random.nextInt(20)));
                case 1 -> any.changed(nowMs, new ClusterEvent.QuotaRemoved(tenant));
                default -> any.tick(nowMs, report("n" + random.nextInt(4), work(random), random.nextBoolean()));
            }
        }
        ReplayReport report = any.replayed();
        assertThat(report.compared().differences()).isEmpty();
        assertThat(report.compared().different()).isZero();
        assertThat(report.compared().same())
                .isEqualTo(any.ticks.stream().mapToInt(ReplayTick::decisions).sum())
                .isPositive();
    }

    private static Map<String, Integer> work(Random random) {
        Map<String, Integer> work = new HashMap<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            work.put("t" + random.nextInt(5), random.nextInt(1001));
        }
        return work;
    }

    @Test
    void aDecisionThatDiffersIsShownWithNodeSequenceAndField() {
        recorder.changed(0, quota("a", 1));
        recorder.tick(100, report("n", Map.of("a", 500), false));
        ReplayTick last = recorder.ticks.removeLast();
        recorder.ticks.add(with(last, last.nowMs(), last.nowMs() + 1, last.decisions(), ""));
        ReplayReport report = recorder.replayed();
        assertThat(report.compared().different()).isEqualTo(1);
        assertThat(report.compared().differences())
                .containsExactly("term 1, decision 1 for node 'n': decidedAtUnixMs is 100, the replay has 101");
    }

    @Test
    void aDecisionThatOnlyOneOfTheTwoMadeIsADifference() {
        recorder.changed(0, quota("a", 1));
        recorder.tick(100, report("n", Map.of("a", 500), false));
        ReplayTick last = recorder.ticks.removeLast();
        recorder.ticks.add(with(last, 100, 100, 2, ""));
        assertThat(recorder.replayed().compared().differences())
                .containsExactly("term 1, decision 2: recorded, and not made by the replay");
        recorder.ticks.removeLast();
        recorder.ticks.add(with(last, 100, 100, 0, ""));
        assertThat(recorder.replayed().compared().differences())
                .containsExactly("term 1, decision 1 for node 'n': made by the replay alone");
    }

    @Test
    void aHoleAndALostBeginningAreSaidAndNothingIsComparedAfterThem() {
        recorder.tick(100, report("n", Map.of(), false));
        recorder.tick(200);
        recorder.tick(300, report("m", Map.of(), false));
        ReplayTick hole = recorder.ticks.remove(2);
        ReplayReport report = recorder.replayed();
        assertThat(report.notes()).containsExactly("term 1, tick 4: 1 ticks before it are missing in the journal");
        assertThat(report.compared().same()).isEqualTo(1);
        assertThat(report.compared().skipped()).isEqualTo(1);

        recorder.ticks.add(2, hole);
        recorder.ticks.subList(0, 2).clear();
        ReplayReport late = recorder.replayed();
        assertThat(late.notes())
                .containsExactly(
                        "term 1, tick 3: the term's beginning is not recorded any more: it is replayed from there"
                                + " with no nodes");
        assertThat(late.compared().same() + late.compared().different()).isZero();
    }

    @Test
    void missingTelemetryIsSaidOnce() {
        recorder.tick(100, report("n", Map.of(), false));
        recorder.tick(200, report("m", Map.of(), false));
        recorder.ticks.replaceAll(
                tick -> tick.kind() == CallKind.START ? tick : with(tick, tick.nowMs(), tick.nowMs(), 1, "it is gone"));
        ReplayReport report = recorder.replayed();
        assertThat(report.notes()).containsExactly("term 1, tick 2: it is gone");
        assertThat(report.compared().skipped()).isEqualTo(2);
    }

    @Test
    void reportsWhoUsedWantedLentAndBorrowedHowMuch() {
        recorder.changed(0, quota("a", 1), quota("b", 1));
        for (int tick = 1; tick <= 100; tick++) {
            recorder.tick(100L * tick, report("n", Map.of("a", 200, "b", 800), false));
        }
        ReplayReport report = recorder.replayed();
        Tenant a = report.tenants().getFirst();
        Tenant b = report.tenants().getLast();
        assertThat(report.simulated()).isTrue();
        assertThat(report.ticks()).isEqualTo(102);
        assertThat(report.capacity()).isCloseTo(9.9, within(1e-9));
        assertThat(report.used()).isCloseTo(10, within(1e-9));
        assertThat(a.used()).isCloseTo(2, within(1e-9));
        assertThat(a.guaranteed()).isCloseTo(4.95, within(0.01));
        assertThat(a.lent()).isEqualTo(b.borrowed()).isBetween(2.0, 3.0);
        assertThat(a.borrowed()).isZero();
        assertThat(b.shared()).isBetween(7.5, 8.0);
        assertThat(report.fairness()).hasValue(1); // b lacked until its gain was published, and nobody else did
    }

    @Test
    void fairnessIsOfThoseThatLackAndAnotherPolicyGivesOtherShares() {
        recorder.changed(0, quota("a", 1), quota("b", 1), quota("c", 1));
        for (int tick = 1; tick <= 100; tick++) {
            recorder.tick(100L * tick, report("n", Map.of("a", 450, "b", 450), true));
        }
        ReplayReport recorded = recorder.replayed();
        assertThat(recorded.fairness().orElseThrow()).isCloseTo(1, within(0.01));
        assertThat(recorded.fairnessUsed().orElseThrow()).isCloseTo(1, within(0.01));

        PolicyFile file =
                PolicyFile.read("{\"tenants\":[{\"tenant\":\"a\",\"weight\":3},{\"tenant\":\"b\",\"weight\":1}]}");
        ReplayReport other = recorder.replayed(Replay.under(OtherPolicy.of(file), Window.ALL));
        Tenant a = other.tenants().getFirst();
        Tenant b = other.tenants().get(1);
        assertThat(a.shared() / b.shared()).isCloseTo(3, within(0.1));
        assertThat(a.used()).isEqualTo(recorded.tenants().getFirst().used());
        assertThat(other.compared().same() + other.compared().skipped()).isZero();
        assertThat(other.fairnessUsed()).isEmpty();
        assertThat(other.tenants()).extracting(Tenant::tenant).containsExactly("a", "b");
    }

    @Test
    void theWindowLimitsTheReportAndNotTheReplay() {
        recorder.changed(0, quota("a", 1));
        for (int tick = 1; tick <= 10; tick++) {
            recorder.tick(1000L * tick, report("n", Map.of("a", 1000), false));
        }
        Window window = new Window(new Window.Edge.After(4000), new Window.Edge.At(7000));
        ReplayReport report = recorder.replayed(Replay.asRecorded(window));
        assertThat(report.ticks()).isEqualTo(3);
        assertThat(report.fromUnixMs()).isEqualTo(4000);
        assertThat(report.toUnixMs()).isEqualTo(6000);
        assertThat(report.capacity()).isCloseTo(3, within(1e-9));
        assertThat(report.compared().different()).isZero();
    }

    @Test
    void eachTermStartsWithItsOwnQuotas() {
        recorder.changed(0, quota("a", 1));
        recorder.tick(100, report("n", Map.of("a", 500), false));
        ClusterState quotas = ClusterState.EMPTY.apply(quota("b", 2));
        Recorder second = new Recorder(2, quotas, 5);
        second.tick(100, report("n", Map.of("b", 500), false));
        recorder.ticks.addAll(second.ticks);
        ReplayReport report = recorder.replayed();
        assertThat(report.terms()).isEqualTo(2);
        assertThat(report.compared().same()).isEqualTo(2);
        assertThat(report.compared().different()).isZero();
    }

    @Test
    void jainsIndexIsOneForEqualsAndOneOfNForWhoHasAll() {
        assertThat(Fairness.jain(new double[] {2, 2, 2})).hasValue(1);
        assertThat(Fairness.jain(new double[] {5, 0, 0, 0})).hasValue(0.25);
        assertThat(Fairness.jain(new double[] {1, 3})).hasValue(0.8);
        assertThat(Fairness.jain(new double[0])).isEmpty();
    }

    private static ReplayTick with(ReplayTick tick, long nowMs, long unixMs, int decisions, String missing) {
        return new ReplayTick(
                tick.number(),
                tick.kind(),
                nowMs,
                unixMs,
                tick.first(),
                decisions,
                tick.timeToLiveMs(),
                tick.inputOffsets(),
                Optional.<ClusterState>empty(),
                tick.changes(),
                List.copyOf(tick.reports()),
                tick.recorded(),
                missing);
    }
}
