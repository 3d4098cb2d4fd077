package io.aliquot.cli.text;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory as people write it: {@code 10GiB}, {@code 512MiB}, {@code 10g}, {@code 1048576}. Units are powers of
 * 1024; a decimal GB is refused rather than guessed at.
 *
 * @param bytes 0 or more
 */
public record Bytes(long bytes) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})([A-Za-z]*)");
    private static final Map<String, Integer> SHIFT =
            Map.of("", 0, "k", 10, "kib", 10, "m", 20, "mib", 20, "g", 30, "gib", 30, "t", 40, "tib", 40);
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

    public Bytes {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes is less than nothing");
        }
    }

    /** @throws IllegalArgumentException naming the text and the valid forms */
    public static Bytes parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            Integer shift = SHIFT.get(matcher.group(2).toLowerCase(Locale.ROOT));
            long number = parseLong(matcher.group(1));
            if (shift != null && number >= 0 && number <= Long.MAX_VALUE >> shift) {
                return new Bytes(number << shift);
            }
        }
        throw new IllegalArgumentException(
                "'" + text
                        + "' is not a memory size: give bytes or a number with k, m, g, t, KiB, MiB, GiB or TiB, such as 10GiB");
    }

    private static long parseLong(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return -1; // 19 digits can be too many
        }
    }

    /** Short, for tables: {@code 1.5 GiB}. */
    @Override
    public String toString() {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.size() - 1) {
            value /= 1024;
            unit++;
        }
        String number = value == Math.rint(value) ? "%.0f".formatted(value) : "%.1f".formatted(value);
        return number + " " + UNITS.get(unit);
    }
}
