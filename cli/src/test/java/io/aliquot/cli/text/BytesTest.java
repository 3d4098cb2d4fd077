package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1048576, 1048576",
        "1k, 1024",
        "10GiB, 10737418240",
        "10g, 10737418240",
        "10G, 10737418240",
        "512MiB, 536870912",
        "3m, 3145728",
        "2t, 2199023255552",
        "1TiB, 1099511627776",
        "4KiB, 4096"
    })
    void readsBytesAndPowersOf1024(String text, long bytes) {
        assertThat(Bytes.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10XB", "10GB", "", "GiB", "-1", "1.5GiB", "10 GiB", "9999999999999999999", "9999999999t"})
    void namesWhatIsNoSizeAndTheValidForms(String text) {
        assertThatThrownBy(() -> Bytes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("KiB, MiB, GiB or TiB");
    }

    @Test
    void showsTheLargestUnitThatFits() {
        assertThat(new Bytes(0)).hasToString("0 B");
        assertThat(new Bytes(1023)).hasToString("1023 B");
        assertThat(new Bytes(10L << 30)).hasToString("10 GiB");
        assertThat(new Bytes(3L << 29)).hasToString("1.5 GiB");
        assertThat(new Bytes(5L << 50)).hasToString("5120 TiB");
    }
}
