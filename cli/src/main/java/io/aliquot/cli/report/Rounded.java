package io.aliquot.cli.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Rounds a column so that what is shown adds up to what is shown as its sum. Pure. */
final class Rounded {
    private Rounded() {}

    /**
     * Each value with so many decimals, off by less than one of the last; their sum is the rounded sum.
     *
     * @param values 0 or more each
     */
    static List<BigDecimal> column(List<BigDecimal> values, int decimals) {
        List<BigDecimal> rounded = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal before = BigDecimal.ZERO.setScale(decimals);
        for (BigDecimal value : values) {
            sum = sum.add(value);
            BigDecimal here = sum.setScale(decimals, RoundingMode.HALF_UP);
            rounded.add(here.subtract(before));
            before = here;
        }
        return rounded;
    }
}
