package io.aliquot.cli.report;

import io.aliquot.cli.base.CommandException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as people write them: {@code 24h} ago, {@code today}, a day, a day with a time. Pure. */
final class Moments {
    private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

    private Moments() {}

    /**
     * @param option the option it was given with, for the error
     * @param now with the zone in which days and times are meant
     * @throws CommandException naming the text and the valid forms
     */
    static Instant parse(String option, String text, ZonedDateTime now) {
        Matcher ago = AGO.matcher(text);
        try {
            if (ago.matches()) {
                return now.toInstant().minus(span(Long.parseLong(ago.group(1)), ago.group(2)));
            }
            return switch (text) {
                case "now" -> now.toInstant();
                case "today" -> start(now.toLocalDate(), now);
                case "yesterday" -> start(now.toLocalDate().minusDays(1), now);
                default -> written(text, now);
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw CommandException.badInput(
                    option + " '" + text + "' is not a time",
                    "give a length such as 24h or 7d, today, yesterday, now, a day such as 2026-11-24, or a time such as"
                            + " 2026-11-24T10:00 or 2026-11-24T10:00Z");
        }
    }

    private static Duration span(long number, String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static Instant written(String text, ZonedDateTime now) {
        if (!text.contains("T")) {
            return start(LocalDate.parse(text), now);
        }
        return text.matches(".*T.*(Z|[+-][0-9:]+)")
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).atZone(now.getZone()).toInstant();
    }

    private static Instant start(LocalDate day, ZonedDateTime now) {
        return day.atStartOfDay(now.getZone()).toInstant();
    }
}
