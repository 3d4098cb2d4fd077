package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PercentTest {
    @Test
    void showsOneDecimalInTablesAndOnlyWhatIsNeededElsewhere() {
        assertThat(Percent.show(125)).isEqualTo("12.5%");
        assertThat(Percent.show(1000)).isEqualTo("100.0%");
        assertThat(Percent.brief(125)).isEqualTo("12.5%");
        assertThat(Percent.brief(1000)).isEqualTo("100%");
        assertThat(Percent.brief(1)).isEqualTo("0.1%");
    }
}
