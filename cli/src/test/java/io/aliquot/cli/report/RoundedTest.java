package io.aliquot.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.Size;

class RoundedTest {
    @Property
    void whatIsShownAddsUpToTheRoundedSum(
            @ForAll @Size(max = 20) List<@BigRange(min = "0", max = "100000") @Scale(9) BigDecimal> values) {
        List<BigDecimal> shown = Rounded.column(values, 3);
        BigDecimal sum = values.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(shown.stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(sum.setScale(3, RoundingMode.HALF_UP));
        for (int i = 0; i < values.size(); i++) {
            assertThat(shown.get(i).subtract(values.get(i)).abs()).isLessThanOrEqualTo(new BigDecimal("0.001"));
            assertThat(shown.get(i).signum()).isNotNegative();
        }
    }
}
