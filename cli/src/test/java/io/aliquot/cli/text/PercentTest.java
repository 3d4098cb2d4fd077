package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PercentTest {
    @Test
    void readsWholeAndTenthsOfAPercent() {
        assertThat(Percent.parse("10%").permille()).isEqualTo(100);
        assertThat(Percent.parse("12.5%").permille()).isEqualTo(125);
        assertThat(Percent.parse("0%").permille()).isZero();
        assertThat(Percent.parse("100%").permille()).isEqualTo(1000);
    }

    @Property
    void readsWhatItWrites(@ForAll @IntRange(max = 1000) int permille) {
        assertThat(Percent.parse(new Percent(permille).toString()).permille()).isEqualTo(permille);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "", "%", "101%", "-1%", "1.25%", "ten%", "10 %", "1e1%", "999%"})
    void namesWhatIsNoShareAndWhatWouldBe(String text) {
        assertThatThrownBy(() -> Percent.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("such as 10%");
    }
}
