package io.aliquot.controller.api;

import io.aliquot.controller.account.By;
import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.account.Sums;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/** A report to JSON: times in seconds, exact to the nanosecond. Pure. */
final class ReportView {
    private static final int NANO = 9;
    private static final int MICRO = 6;
    private static final long HOUR_S = 3600;

    private ReportView() {}

    static JsonObject of(Statement statement) {
        Report report = statement.report();
        Report.Query query = report.query();
        JsonArray rows = new JsonArray();
        report.rows().forEach(row -> rows.add(row(query.by(), row)));
        return new JsonObject()
                .put("from", hour(query.fromHour()))
                .put("to", hour(query.toHour()))
                .put("by", query.by().word())
                .put("until", statement.untilUnixMs() == 0 ? null : time(statement.untilUnixMs()))
                .put("simulated", report.simulated())
                .put("rows", rows)
                .put("total", sums(report.total()))
                .put("idleGpuSeconds", seconds(report.total().idleNs()))
                .put("wallGpuSeconds", seconds(report.wallNs()))
                .put("unobservedGpuSeconds", seconds(report.total().unobservedNs()))
                .put("missedRecords", statement.missedRecords());
    }

    private static JsonObject row(By by, Report.Row row) {
        JsonObject json = new JsonObject();
        switch (by) {
            case TENANT, TEAM -> json.put(by.word(), row.name());
            case GPU -> json.put("gpu", row.name()).put("node", row.node());
            case HOUR -> json.put("hour", hour(Long.parseLong(row.name())));
        }
        json.mergeIn(sums(row.sums()));
        if (by == By.GPU || by == By.HOUR) {
            json.put("idleGpuSeconds", seconds(row.sums().idleNs()))
                    .put(
                            "wallGpuSeconds",
                            seconds(row.sums().usedNs().add(row.sums().idleNs())))
                    .put("unobservedGpuSeconds", seconds(row.sums().unobservedNs()));
        }
        return json.put("simulated", row.simulated());
    }

    private static JsonObject sums(Sums sums) {
        return new JsonObject()
                .put("usedGpuSeconds", seconds(sums.usedNs()))
                .put("guaranteedGpuSeconds", seconds(sums.guaranteedNs()))
                .put("lentGpuSeconds", seconds(sums.lentNs()))
                .put("borrowedGpuSeconds", seconds(sums.borrowedNs()))
                .put("waitingSeconds", seconds(sums.waitingNs()))
                .put("memoryByteSeconds", number(sums.memoryByteMicros(), MICRO));
    }

    private static BigDecimal seconds(BigInteger ns) {
        return number(ns, NANO);
    }

    /** Without zeros at the end, and never with an exponent. */
    private static BigDecimal number(BigInteger unscaled, int scale) {
        BigDecimal plain = new BigDecimal(unscaled, scale).stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    private static String hour(long hour) {
        return Instant.ofEpochSecond(hour * HOUR_S).toString();
    }

    private static String time(long unixMs) {
        return Instant.ofEpochMilli(unixMs).toString();
    }
}
