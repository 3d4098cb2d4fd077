package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsTheFirstColumnLeftAndTheOthersRight() {
        Table table = new Table("TENANT", "WEIGHT").row("a", "1").row("research", "1000000");
        assertThat(table.lines()).containsExactly("TENANT      WEIGHT", "a                1", "research   1000000");
    }

    @Test
    void refusesARowOfAnotherWidth() {
        assertThatThrownBy(() -> new Table("A", "B").row("1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesPercentilesByNearestRank() {
        Samples samples = new Samples(List.of(5.0, 1.0, 4.0, 2.0, 3.0));
        assertThat(samples.percentile(50)).isEqualTo(3);
        assertThat(samples.percentile(99)).isEqualTo(5);
        assertThat(samples.percentile(1)).isEqualTo(1);
        assertThat(samples.max()).isEqualTo(5);
        assertThat(new Samples(List.of()).max()).isNaN();
    }
}
