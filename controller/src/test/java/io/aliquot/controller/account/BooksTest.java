package io.aliquot.controller.account;

import static io.aliquot.controller.account.Telemetries.TEN;
import static io.aliquot.controller.account.Telemetries.TEN_MS;
import static io.aliquot.controller.account.Telemetries.gpu;
import static io.aliquot.controller.account.Telemetries.report;
import static io.aliquot.controller.account.Telemetries.tenant;
import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.account.Outcome.Entered;
import io.aliquot.controller.account.Outcome.Refused;
import io.aliquot.controller.state.NodeReport;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BooksTest {
    private static final long TICK_US = 100_000;
    private static final Entered WELL = new Entered(0, false);

    private final Books books = new Books();

    @Test
    void recordsThatFollowEachOtherFillTheHourToTheNanosecond() {
        // The clock is told in whole milliseconds and jitters; the intervals are what they are.
        long[] jitterMs = {0, 1, 0, 40, 2, 0, 900, 1};
        for (int i = 0; i <= 36_020; i++) {
            long endMs = TEN_MS + i * 100L + jitterMs[i % jitterMs.length] * (i == 0 ? 0 : 1);
            assertThat(enter(i + 1, endMs, TICK_US)).isEqualTo(WELL);
        }
        books.settle(100);
        assertThat(time(TEN - 1).wallNs()).isEqualTo(100_000_000);
        assertThat(time(TEN).wallNs()).isEqualTo(3_600_000_000_000L);
        assertThat(time(TEN).unobservedNs()).isZero();
        assertThat(time(TEN + 1).wallNs()).isEqualTo(2_000_000_000);
    }

    @Test
    void anIntervalOverTheHourIsSplitAndNothingIsLost() {
        NodeReport.Gpu gpu = gpu("g", tenant("a", 33_333_333, 333, 333, 333), tenant("b", 66_666_667, 500, 1, 1));
        books.enter(report("n", 1, TEN_MS + 33, TICK_US, gpu), TEN_MS + 33);
        books.settle(100);
        assertThat(time(TEN - 1).wallNs()).isEqualTo(67_000_000);
        assertThat(time(TEN).wallNs()).isEqualTo(33_000_000);
        assertThat(time(TEN - 1).tenants().get("a").usedNs()).isEqualTo(22_333_333);
        assertThat(time(TEN - 1).plus(time(TEN))).isEqualTo(new Interval(gpu, TICK_US).all());
    }

    @Test
    void aLostRecordIsCountedAndItsTimeUnobserved() {
        enter(1, TEN_MS + 100, TICK_US);
        assertThat(enter(4, TEN_MS + 400, TICK_US)).isEqualTo(new Entered(2, false));
        books.settle(100);
        assertThat(time(TEN).wallNs()).isEqualTo(200_000_000);
        assertThat(time(TEN).unobservedNs()).isEqualTo(200_000_000);
    }

    @Test
    void aRestartedAgentBeginsAgainAndTheTimeBetweenIsUnobserved() {
        enter(500, TEN_MS + 100, TICK_US);
        assertThat(enter(1, TEN_MS + 5000, TICK_US)).isEqualTo(WELL);
        books.settle(100);
        assertThat(time(TEN).unobservedNs()).isEqualTo(4_800_000_000L);
    }

    @Test
    void unobservedTimeIsOfTheHoursInWhichItWas() {
        enter(1, TEN_MS + 100, TICK_US);
        enter(2, TEN_MS + 3 * 3_600_000 + 200, TICK_US);
        books.settle(100);
        assertThat(time(TEN).unobservedNs()).isEqualTo(3_599_900_000_000L);
        assertThat(time(TEN + 1).unobservedNs()).isEqualTo(3_600_000_000_000L);
        assertThat(time(TEN + 3).unobservedNs()).isEqualTo(100_000_000);
    }

    @Test
    void aNodeThatWasAwayForMoreThanADayWasNotUnobserved() {
        enter(1, TEN_MS, TICK_US);
        enter(1, TEN_MS + 25 * 3_600_000, TICK_US);
        books.settle(100);
        assertThat(books.settled().values()).allMatch(time -> time.unobservedNs() == 0);
        assertThat(books.settled()).hasSize(2);
    }

    @Test
    void aRecordThatCameTwiceIsEnteredOnce() {
        enter(1, TEN_MS + 100, TICK_US);
        assertThat(enter(1, TEN_MS + 100, TICK_US)).isEqualTo(Refused.REPEATED);
        enter(2, TEN_MS + 200, TICK_US);
        assertThat(enter(1, TEN_MS + 100, TICK_US)).isEqualTo(Refused.REPEATED);
        books.settle(100);
        assertThat(enter(2, TEN_MS + 200, TICK_US)).isEqualTo(Refused.REPEATED);
        assertThat(time(TEN).wallNs()).isEqualTo(200_000_000);
    }

    @Test
    void aClockThatIsFarOffIsNotBelieved() {
        NodeReport.Gpu gpu = gpu("g", tenant("a", 1, 0));
        for (long saidMs : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, TEN_MS + 86_400_000}) {
            Books fresh = new Books();
            assertThat(fresh.enter(report("n", 1, saidMs, TICK_US, gpu), TEN_MS + 1_800_000))
                    .isEqualTo(new Entered(0, true));
            fresh.settle(100);
            assertThat(fresh.settled()).containsOnlyKeys(new GpuHour(TEN, "n", "g"));
        }
    }

    @Test
    void aClockThatIsSetBackLosesNothingAndOverlapsNothing() {
        enter(1, TEN_MS + 10_000, TICK_US);
        assertThat(enter(2, TEN_MS + 7_000, TICK_US)).isEqualTo(WELL);
        assertThat(enter(3, TEN_MS + 7_100, TICK_US)).isEqualTo(WELL);
        books.settle(100);
        assertThat(time(TEN).wallNs()).isEqualTo(300_000_000);
    }

    @Test
    void moreTimeThanPassedIsRefused() {
        enter(1, TEN_MS + 100, TICK_US);
        assertThat(enter(2, TEN_MS + 200, 6_000_000)).isEqualTo(Refused.AHEAD_OF_TIME);
        assertThat(enter(3, TEN_MS + 300, TICK_US)).isEqualTo(WELL);
        assertThat(enter(4, TEN_MS + 400, Books.LONGEST_MICROS + 1)).isEqualTo(Refused.TOO_LONG);
        assertThat(enter(5, TEN_MS + 500, Long.MAX_VALUE)).isEqualTo(Refused.TOO_LONG);
    }

    @Test
    void timesAndNamesOutOfRangeAreRefused() {
        NodeReport fine = report("n", 1, TEN_MS, TICK_US, gpu("g"));
        for (long appended : new long[] {-1, 0, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(books.enter(fine, appended)).isEqualTo(Refused.OUT_OF_RANGE);
        }
        String longName = "x".repeat(256);
        assertThat(books.enter(report("n", 1, TEN_MS, TICK_US, gpu(longName)), TEN_MS))
                .isEqualTo(Refused.OUT_OF_RANGE);
        assertThat(books.enter(report("n", 1, TEN_MS, TICK_US, gpu("g", tenant(longName, 1, 1))), TEN_MS))
                .isEqualTo(Refused.OUT_OF_RANGE);
        assertThat(books.changedEntries()).isEmpty();
    }

    @Test
    void goesOnFromWhatWasSettledBefore() {
        enter(1, TEN_MS + 100, TICK_US);
        Map<GpuHour, GpuTime> entries = books.changedEntries();
        Books second = new Books(entries, Map.copyOf(books.changedMarks()));
        second.enter(report("n", 3, TEN_MS + 300, TICK_US, gpu("g", tenant("a", 50_000_000, 500))), TEN_MS + 300);
        second.settle(100);
        GpuTime time = second.settled().get(new GpuHour(TEN, "n", "g"));
        assertThat(time.wallNs()).isEqualTo(200_000_000);
        assertThat(time.unobservedNs()).isEqualTo(100_000_000);
        assertThat(time.tenants().get("a").usedNs()).isEqualTo(100_000_000);
    }

    @Test
    void oldEntriesGo() {
        enter(1, TEN_MS + 100, TICK_US);
        enter(1, TEN_MS + 100 + 30 * 3_600_000L, TICK_US);
        books.settle(30);
        assertThat(books.settled()).hasSize(2);
        books.settle(29);
        assertThat(books.settled()).containsOnlyKeys(new GpuHour(TEN + 30, "n", "g"));
    }

    private Outcome enter(long sequence, long endMs, long intervalUs) {
        long usedNs = Math.min(50_000_000, intervalUs);
        return books.enter(
                report("n", sequence, endMs, intervalUs, gpu("g", tenant("a", 50_000_000, 500, 0, usedNs))), endMs);
    }

    private GpuTime time(long hour) {
        return books.settled().getOrDefault(new GpuHour(hour, "n", "g"), GpuTime.NONE);
    }
}
