package io.aliquot.controller.policyfile;

import io.aliquot.controller.fairshare.Amount;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words in which people write a policy's amounts, in files and commands alike. Each is read exactly; an
 * {@link IllegalArgumentException} names the text and the valid forms. Pure; any thread.
 */
public final class Texts {
    /** What is right where something can be had or not. */
    public static final String OFF = "off";

    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9])?) ?%");
    private static final Pattern GPUS = Pattern.compile("([0-9]{1,8}(?:\\.[0-9]{1,3})?) ?(?:gpus?|GPUs?)");
    private static final Pattern FACTOR = Pattern.compile("([0-9]{1,6}(?:\\.[0-9])?) ?%");
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(s|m|h)");
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,19})([A-Za-z]*)");
    private static final Map<String, Integer> SHIFT =
            Map.of("", 0, "k", 10, "kib", 10, "m", 20, "mib", 20, "g", 30, "gib", 30, "t", 40, "tib", 40);
    private static final int LONGEST_SHOWN = 80;

    private Texts() {}

    /** A floor or a ceiling: {@code 30%} of what the parent has, {@code 1.5gpus}, {@code 2 GPUs}. */
    public static Amount amount(String text) {
        Matcher percent = PERCENT.matcher(text);
        if (percent.matches() && new BigDecimal(percent.group(1)).compareTo(BigDecimal.valueOf(100)) <= 0) {
            return new Amount.Percent(Double.parseDouble(percent.group(1)));
        }
        Matcher gpus = GPUS.matcher(text);
        if (gpus.matches()) {
            return new Amount.Gpus(Double.parseDouble(gpus.group(1)));
        }
        throw wrong(text, "an amount", "give 0% to 100%, such as 10% or 12.5%, or GPUs, such as 1.5gpus");
    }

    /** A speed factor: {@code 40%} of a GPU with factor 1. @return permille; 1 or more */
    public static long factorPermille(String text) {
        Matcher matcher = FACTOR.matcher(text);
        if (matcher.matches()) {
            long permille = new BigDecimal(matcher.group(1)).movePointRight(1).longValueExact();
            if (permille > 0) {
                return permille;
            }
        }
        throw wrong(text, "a speed", "give 0.1% to 100000%, such as 40%");
    }

    /** Seconds: {@code 45s}, {@code 30m}, {@code 1h}, or {@value #OFF} for 0. */
    public static long seconds(String text) {
        if (text.equals(OFF)) {
            return 0;
        }
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text, "a span of time", "give a whole number with s, m or h, such as 30m, or " + OFF);
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> number;
            case "m" -> 60 * number;
            default -> 3600 * number;
        };
    }

    /** Bytes: {@code 10GiB}, {@code 512m}, {@code 1048576}. Units are powers of 1024; a decimal GB is refused. */
    public static long bytes(String text) {
        Matcher matcher = BYTES.matcher(text);
        if (matcher.matches()) {
            Integer shift = SHIFT.get(matcher.group(2).toLowerCase(Locale.ROOT));
            BigDecimal number = new BigDecimal(matcher.group(1));
            if (shift != null && number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE >> shift)) <= 0) {
                return number.longValueExact() << shift;
            }
        }
        throw wrong(
                text, "a memory size", "give bytes or a number with k, m, g, t, KiB, MiB, GiB or TiB, such as 10GiB");
    }

    /** A hostile text can be long or hold control characters; what is shown has neither. */
    static String shown(String text) {
        String head = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
        return head.replaceAll("[^\\x20-\\x7e…]", "?");
    }

    private static IllegalArgumentException wrong(String text, String what, String fix) {
        return new IllegalArgumentException("'" + shown(text) + "' is not " + what + ": " + fix);
    }
}
