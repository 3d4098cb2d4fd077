package io.aliquot.cli.text;

import java.util.List;

/** Measured values, in their order. Immutable. */
public record Samples(List<Double> values) {
    public Samples {
        values = List.copyOf(values);
    }

    public int count() {
        return values.size();
    }

    /**
     * The nearest-rank percentile: the least value that so many percent of the values are not above.
     *
     * @param percent above 0, to 100
     * @return not a number when there are no values
     */
    public double percentile(double percent) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(Math.max(0, (int) Math.ceil(sorted.size() * percent / 100) - 1));
    }

    /** The greatest; not a number when there are no values. */
    public double max() {
        return percentile(100);
    }
}
