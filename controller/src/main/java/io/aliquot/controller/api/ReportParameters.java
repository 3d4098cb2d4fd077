package io.aliquot.controller.api;

import io.aliquot.controller.account.By;
import io.aliquot.controller.account.Report;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** Reads what is asked of a report. Pure. */
final class ReportParameters {
    private static final long HOUR_MS = 3_600_000;
    private static final long DAY_MS = 24 * HOUR_MS;
    /** 2100-01-01. */
    private static final long LAST_MS = 4_102_444_800_000L;

    private static final List<String> NAMES = List.of("from", "to", "by");
    private static final String FORMS =
            "give a time such as 2026-11-24T10:00:00Z, a day in UTC such as 2026-11-24, or milliseconds since 1970";

    private ReportParameters() {}

    /**
     * The whole hours that touch the time asked for.
     *
     * @param asked {@code from} (the last 24 hours when it is absent), {@code to} (now) and {@code by} (tenant)
     * @throws ApiError 422 when a value can't be read, the time is empty, or something else is asked
     */
    static Report.Query parse(MultiMap asked, long nowUnixMs) {
        asked.names().stream()
                .filter(name -> !NAMES.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw new ApiError(422, "unknown parameter '" + name + "'", "use only " + String.join(", ", NAMES));
                });
        String from = asked.get("from");
        String to = asked.get("to");
        String by = asked.get("by");
        long toMs = to == null ? nowUnixMs : time("to", to);
        long fromMs = from == null ? Math.max(0, toMs - DAY_MS) : time("from", from);
        if (fromMs >= toMs) {
            throw new ApiError(
                    422,
                    "from " + Instant.ofEpochMilli(fromMs) + " is not before to " + Instant.ofEpochMilli(toMs),
                    "give a time that has begun, and its end after it");
        }
        By rows = By.ofWord(by == null ? By.TENANT.word() : by)
                .orElseThrow(() -> new ApiError(422, "by " + by + ": expected " + By.WORDS, "correct by"));
        return new Report.Query(fromMs / HOUR_MS, Math.ceilDiv(toMs, HOUR_MS), rows);
    }

    private static long time(String name, String text) {
        long ms;
        try {
            ms = text.matches("[0-9]{1,16}") ? Long.parseLong(text) : written(text);
        } catch (DateTimeException | ArithmeticException e) {
            throw new ApiError(422, name + " '" + text + "' is not a time", FORMS);
        }
        if (ms < 0 || ms > LAST_MS) {
            throw new ApiError(422, name + " '" + text + "' is not a time from 1970 to 2100", FORMS);
        }
        return ms;
    }

    private static long written(String text) {
        return text.contains("T")
                ? OffsetDateTime.parse(text).toInstant().toEpochMilli()
                : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }
}
