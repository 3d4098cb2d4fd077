package io.aliquot.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * A controller's report. Pure.
 *
 * @param json as the controller answered
 * @param zone in which times are shown to people
 */
record Usage(JsonNode json, ZoneId zone) {
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm xxx");

    /** What there is a row for. */
    String by() {
        return json.path("by").asText();
    }

    /** Whether a row has idle time of its own. */
    boolean ofGpus() {
        return by().equals("gpu") || by().equals("hour");
    }

    List<Column> columns() {
        return ofGpus() ? Column.OF_GPUS : Column.OF_TENANTS;
    }

    List<JsonNode> rows() {
        List<JsonNode> rows = new ArrayList<>();
        json.path("rows").forEach(rows::add);
        return rows;
    }

    /** Neither watched nor unobserved time. */
    boolean isEmpty() {
        return Column.WALL.in(json).signum() == 0 && Column.UNOBSERVED.in(json).signum() == 0;
    }

    /** The time that it covers. */
    String span() {
        return "from " + time(json.path("from")) + " to " + time(json.path("to"));
    }

    /** What people must know of the figures, a line each. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (json.path("until").isTextual()) {
            notes.add("It covers whole hours, with telemetry until "
                    + json.path("until").asText() + ".");
        }
        if (json.path("simulated").asBoolean()) {
            notes.add("GPUs of it are simulated.");
        }
        BigDecimal unobserved = Column.UNOBSERVED.in(json);
        if (unobserved.signum() > 0) {
            notes.add("For about " + unobserved.toPlainString()
                    + " GPU-seconds more there is no telemetry: they are in no tenant's row and not in the total.");
        }
        long missed = json.path("missedRecords").asLong();
        if (missed > 0) {
            notes.add(missed + " records of telemetry were deleted before the ledger read them, since it began.");
        }
        return notes;
    }

    /** What a row is of, for people. */
    String name(JsonNode row) {
        return switch (by()) {
            case "gpu" -> row.path("node").asText() + " " + row.path("gpu").asText();
            case "hour" -> time(row.path("hour"));
            default -> row.path(by()).asText();
        };
    }

    private String time(JsonNode instant) {
        return SHOWN.format(Instant.parse(instant.asText()).atZone(zone));
    }
}
