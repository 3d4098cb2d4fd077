package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.controller.account.By;
import io.aliquot.controller.account.Report;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportParametersTest {
    /** 2026-11-24T10:00:00Z. */
    private static final long TEN = 1_795_514_400_000L / 3_600_000;

    private static final long NOW_MS = TEN * 3_600_000 + 1_234_567;

    @Test
    void nothingMeansTheLastDayByTenant() {
        assertThat(parse("")).isEqualTo(new Report.Query(TEN - 24, TEN + 1, By.TENANT));
    }

    @ParameterizedTest
    @CsvSource({
        "from=2026-11-24T08:30:00Z&to=2026-11-24T09:00:00Z, -2, -1",
        "from=2026-11-24T08:30:00Z&to=2026-11-24T09:00:01Z, -2, 0",
        "from=2026-11-24T08:30:00%2B02:00&to=2026-11-24T09:00:00Z, -4, -1",
        "from=2026-11-24&to=2026-11-25, -10, 14",
        "from=1795514400000&to=1795514400001, 0, 1",
        "to=2026-11-24T10:00:00Z, -24, 0",
    })
    void hoursAreRoundedOutwards(String query, int from, int to) {
        assertThat(parse(query)).isEqualTo(new Report.Query(TEN + from, TEN + to, By.TENANT));
    }

    @Test
    void takesEveryChoiceOfRows() {
        assertThat(parse("by=team").by()).isEqualTo(By.TEAM);
        assertThat(parse("by=gpu").by()).isEqualTo(By.GPU);
        assertThat(parse("by=hour").by()).isEqualTo(By.HOUR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=soon",
                "from=2026-13-01",
                "from=2026-11-24T10:00",
                "from=99999999999999999999",
                "from=9999999999999999",
                "to=-5",
                "from=2026-11-25&to=2026-11-24",
                "from=2026-11-24&to=2026-11-24",
                "from=2099-01-01",
                "by=node",
                "by=",
                "form=json",
            })
    void refusesWhatItCantRead(String query) {
        ApiError error = catchThrowableOfType(ApiError.class, () -> parse(query));
        assertThat(error.status()).isEqualTo(422);
        String name = query.substring(0, query.indexOf('='));
        assertThat(error.error()).contains(name);
        assertThat(error.fix()).isNotEmpty();
    }

    private static Report.Query parse(String query) {
        MultiMap asked = MultiMap.caseInsensitiveMultiMap();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            String[] both = pair.split("=", 2);
            asked.add(both[0], both[1].replace("%2B", "+"));
        }
        return ReportParameters.parse(asked, NOW_MS);
    }
}
