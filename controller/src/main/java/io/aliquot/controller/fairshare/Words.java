package io.aliquot.controller.fairshare;

import java.util.Locale;

/** Numbers and hostile text as people read them; the same on every machine and in every locale. Pure; any thread. */
public final class Words {
    private static final int LONGEST = 80;

    private Words() {}

    /** At most three decimals, none that is not needed. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        String text = String.format(Locale.ROOT, Math.abs(value) < 0.1 ? "%.3f" : "%.2f", value);
        String brief = text.replaceFirst("0+$", "").replaceFirst("\\.$", "");
        return brief.equals("-0") ? "0" : brief;
    }

    /** GPU-equivalents with their unit. */
    public static String gpus(double gpus) {
        String number = number(gpus);
        return number + (number.equals("1") ? " GPU" : " GPUs");
    }

    /** A name that can be long or hold control characters; what is shown has neither. */
    static String shown(String text) {
        String printable = text.codePoints()
                .limit(LONGEST + 1L)
                .map(c -> c < 0x20 || c > 0x7e ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST) + "…";
    }
}
