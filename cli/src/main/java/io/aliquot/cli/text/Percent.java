package io.aliquot.cli.text;

/** Parts as people read them. */
public final class Percent {
    private Percent() {}

    /** With one decimal, as tables show it: {@code 12.5%}, {@code 10.0%}. */
    public static String show(double permille) {
        return "%.1f%%".formatted(permille / 10);
    }

    /** As short as can be, as it is typed: {@code 12.5%}, {@code 10%}. */
    public static String brief(int permille) {
        return permille % 10 == 0 ? permille / 10 + "%" : permille / 10 + "." + permille % 10 + "%";
    }
}
