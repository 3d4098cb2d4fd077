package io.aliquot.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.cli.base.CommandException;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentsTest {
    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-24T10:20:30+01:00[Europe/Berlin]");

    @ParameterizedTest
    @CsvSource({
        "24h, 2026-11-23T09:20:30Z",
        "7d, 2026-11-17T09:20:30Z",
        "90m, 2026-11-24T07:50:30Z",
        "now, 2026-11-24T09:20:30Z",
        "today, 2026-11-23T23:00:00Z",
        "yesterday, 2026-11-22T23:00:00Z",
        "2026-07-01, 2026-06-30T22:00:00Z",
        "2026-11-24T08:00, 2026-11-24T07:00:00Z",
        "2026-11-24T08:00:05, 2026-11-24T07:00:05Z",
        "2026-11-24T08:00Z, 2026-11-24T08:00:00Z",
        "2026-11-24T08:00-05:00, 2026-11-24T13:00:00Z",
    })
    void takesTimesAsPeopleWriteThem(String text, String instant) {
        assertThat(Moments.parse("--from", text, NOW)).hasToString(instant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "24", "-1h", "2026-13-01", "2026-11-24 10:00", "10:00", "T", "Z", "1w"})
    void namesWhatItCantRead(String text) {
        assertThatThrownBy(() -> Moments.parse("--from", text, NOW))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--from '" + text + "' is not a time")
                .hasMessageContaining("24h");
    }
}
