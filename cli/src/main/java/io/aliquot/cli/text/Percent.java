package io.aliquot.cli.text;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * A part of a GPU's time as people write it: {@code 10%}, {@code 12.5%}.
 *
 * @param permille 0 to 1000
 */
public record Percent(int permille) {
    private static final Pattern FORM = Pattern.compile("[0-9]{1,3}(\\.[0-9])?%");

    public Percent {
        if (permille < 0 || permille > 1000) {
            throw new IllegalArgumentException(permille + " permille is not a share: give 0 to 1000");
        }
    }

    /** @throws IllegalArgumentException naming the text and the valid forms */
    public static Percent parse(String text) {
        if (FORM.matcher(text).matches()) {
            int permille = new BigDecimal(text.substring(0, text.length() - 1))
                    .movePointRight(1)
                    .intValueExact();
            if (permille <= 1000) {
                return new Percent(permille);
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not a share of a GPU: give 0% to 100%, such as 10% or 12.5%");
    }

    /** With one decimal, as tables show it: {@code 12.5%}. */
    public static String show(double permille) {
        return "%.1f%%".formatted(permille / 10);
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return permille % 10 == 0 ? permille / 10 + "%" : permille / 10 + "." + permille % 10 + "%";
    }
}
