package io.aliquot.controller.policyfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.fairshare.Amount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @Test
    void readsPercentAndGpus() {
        assertThat(Texts.amount("30%")).isEqualTo(new Amount.Percent(30));
        assertThat(Texts.amount("12.5 %")).isEqualTo(new Amount.Percent(12.5));
        assertThat(Texts.amount("100%")).isEqualTo(new Amount.Percent(100));
        assertThat(Texts.amount("1.5gpus")).isEqualTo(new Amount.Gpus(1.5));
        assertThat(Texts.amount("2 GPUs")).isEqualTo(new Amount.Gpus(2));
        assertThat(Texts.amount("1gpu")).isEqualTo(new Amount.Gpus(1));
        assertThat(Texts.amount("0.001 GPU")).isEqualTo(new Amount.Gpus(0.001));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10",
                "100.1%",
                "-1%",
                "1.25%",
                "1e1%",
                "NaN%",
                "1.0005gpus",
                "-1gpus",
                "gpus",
                "1  gpus",
                "2gb",
                "999999999gpus",
                "١%"
            })
    void namesWhatIsNoAmount(String text) {
        assertThatThrownBy(() -> Texts.amount(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text.replace("١", "?")
                        + "' is not an amount: give 0% to 100%, such as 10% or 12.5%, or" + " GPUs, such as 1.5gpus");
    }

    @Test
    void readsSpansFactorsAndBytes() {
        assertThat(Texts.seconds("off")).isZero();
        assertThat(Texts.seconds("90s")).isEqualTo(90);
        assertThat(Texts.seconds("30m")).isEqualTo(1800);
        assertThat(Texts.seconds("2h")).isEqualTo(7200);
        assertThat(Texts.factorPermille("40%")).isEqualTo(400);
        assertThat(Texts.factorPermille("250.5%")).isEqualTo(2505);
        assertThat(Texts.bytes("10GiB")).isEqualTo(10L << 30);
        assertThat(Texts.bytes("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1d", "-1s", "1.5h", "500ms", "Off", "1 h", "9999999999s"})
    void namesWhatIsNoSpan(String text) {
        assertThatThrownBy(() -> Texts.seconds(text))
                .hasMessage("'" + text
                        + "' is not a span of time: give a whole number with s, m or h, such as 30m, or off");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0%", "0.0%", "40", "-1%", "0.05%", "1000000%x"})
    void namesWhatIsNoFactor(String text) {
        assertThatThrownBy(() -> Texts.factorPermille(text)).hasMessageContaining("such as 40%");
    }

    @Test
    void namesWhatIsNoSizeAlsoOneThatIsTooLarge() {
        for (String text : new String[] {"10GB", "", "-1", "9223372036854775808", "9999999999999999999t"}) {
            assertThatThrownBy(() -> Texts.bytes(text)).hasMessageStartingWith("'" + text + "' is not a memory size");
        }
    }
}
