package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpansTest {
    @Test
    void readsEachUnit() {
        assertThat(Spans.parse("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Spans.parse("45s")).isEqualTo(Duration.ofSeconds(45));
        assertThat(Spans.parse("2m")).isEqualTo(Duration.ofMinutes(2));
        assertThat(Spans.parse("1h")).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"45", "", "s", "-1s", "1.5s", "45 s", "1d"})
    void namesWhatIsNoLengthOfTime(String text) {
        assertThatThrownBy(() -> Spans.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("such as 45s");
    }
}
