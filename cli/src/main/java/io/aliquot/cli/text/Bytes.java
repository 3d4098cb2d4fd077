package io.aliquot.cli.text;

import io.aliquot.controller.policyfile.Texts;
import java.util.List;

/**
 * An amount of memory as people write it: {@code 10GiB}, {@code 512MiB}, {@code 10g}, {@code 1048576}. Units are powers of
 * 1024; a decimal GB is refused rather than guessed at.
 *
 * @param bytes 0 or more
 */
public record Bytes(long bytes) {
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

    public Bytes {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes is less than nothing");
        }
    }

    /** @throws IllegalArgumentException naming the text and the valid forms */
    public static Bytes parse(String text) {
        return new Bytes(Texts.bytes(text));
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
