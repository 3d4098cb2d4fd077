package io.aliquot.controller.account;

import static io.aliquot.controller.account.Telemetries.TEN;
import static io.aliquot.controller.account.Telemetries.TEN_MS;
import static io.aliquot.controller.account.Telemetries.gpu;
import static io.aliquot.controller.account.Telemetries.report;
import static io.aliquot.controller.account.Telemetries.tenant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.state.Scope;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Books books = new Books();

    @BeforeEach
    void enter() {
        for (int hour = 0; hour < 3; hour++) {
            long endMs = TEN_MS + hour * 3_600_000L + 1000;
            var gpu = gpu("g", tenant("org/team/x", 100_000_000, 500), tenant("org/team/y", 200_000_000, 500));
            books.enter(report("n1", 1, endMs, 1_000_000, gpu, gpu("h", tenant("solo", 400_000_000, 0))), endMs);
            books.enter(report("n2", 1, endMs, 1_000_000, gpu("g", tenant("solo", 1, 0))), endMs);
        }
        books.settle(100);
    }

    @Test
    void aTeamIsThePathAboveAndATopLevelTenantItsOwn() {
        Report report = of(TEN, TEN + 1, By.TEAM);
        assertThat(report.rows()).extracting(Report.Row::name).containsExactly("org/team", "solo");
        assertThat(report.rows().getFirst().sums().usedNs()).isEqualTo(300_000_000);
        assertThat(By.team("org/team")).isEqualTo("org");
        assertThat(By.team("org")).isEqualTo("org");
    }

    @Test
    void aGpuIsOfItsNode() {
        Report report = of(TEN, TEN + 1, By.GPU);
        assertThat(report.rows())
                .extracting(
                        Report.Row::name,
                        Report.Row::node,
                        row -> row.sums().idleNs().longValueExact())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("g", "n1", 700_000_000L),
                        org.assertj.core.groups.Tuple.tuple("g", "n2", 999_999_999L),
                        org.assertj.core.groups.Tuple.tuple("h", "n1", 600_000_000L));
    }

    @Test
    void aScopeHasItsOwnTimeAndNobodysIdleTime() {
        Report.Query query = new Report.Query(TEN, TEN + 1, By.TENANT);
        Report its = Report.of(books.settled(), query.within(Scope.of(List.of("org/team/x"))));
        assertThat(its.rows()).extracting(Report.Row::name).containsExactly("org/team/x");
        assertThat(its.rows().getFirst())
                .isEqualTo(Report.of(books.settled(), query).rows().getFirst());
        assertThat(its.total().usedNs()).isEqualTo(100_000_000).isEqualTo(its.wallNs());
        assertThat(its.total().idleNs()).isZero();
        Report byGpu =
                Report.of(books.settled(), new Report.Query(TEN, TEN + 1, By.GPU).within(Scope.of(List.of("org"))));
        assertThat(byGpu.rows())
                .extracting(Report.Row::name, Report.Row::node)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("g", "n1"));
        assertThat(byGpu.total().usedNs()).isEqualTo(300_000_000);
    }

    @Test
    void onlyTheHoursThatWereAskedForCount() {
        assertThat(of(TEN, TEN + 2, By.HOUR).rows())
                .extracting(Report.Row::name)
                .containsExactly(Long.toString(TEN), Long.toString(TEN + 1));
        assertThat(of(TEN + 1, TEN + 2, By.TENANT).wallNs()).isEqualTo(BigInteger.valueOf(3_000_000_000L));
        assertThat(of(TEN + 9, TEN + 10, By.TENANT).rows()).isEmpty();
        assertThatThrownBy(() -> of(TEN, TEN, By.HOUR)).hasMessageContaining("expected at least one");
    }

    @Test
    void sumsDontOverflow() {
        BigInteger most = BigInteger.valueOf(Long.MAX_VALUE);
        Sums huge = Sums.of(new TenantTime(Long.MAX_VALUE, 0, 0, 0, 0, new ByteTime(Long.MAX_VALUE, 0)));
        assertThat(huge.plus(huge).usedNs()).isEqualTo(most.add(most));
        assertThat(huge.memoryByteMicros()).isEqualTo(most.multiply(BigInteger.valueOf(1_000_000)));
    }

    @Test
    void everyChoiceHasItsWord() {
        for (By by : List.of(By.values())) {
            assertThat(By.ofWord(by.word())).contains(by);
            assertThat(By.WORDS).contains(by.word());
        }
        assertThat(By.ofWord("TENANT")).isEmpty();
    }

    private Report of(long from, long to, By by) {
        return Report.of(books.settled(), new Report.Query(from, to, by));
    }
}
