package io.aliquot.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A report for a spreadsheet, exact. The first column says what a line is: the used time of all lines but {@code total} adds up
 * to that of {@code total}, with {@code idle} where idle time has a line of its own. Pure.
 */
final class UsageCsv {
    private UsageCsv() {}

    static List<String> lines(Usage usage) {
        List<String> lines = new ArrayList<>();
        lines.add(line(Stream.concat(
                Stream.of("kind", "name", "node", "simulated"),
                usage.columns().stream().map(Column::csv))));
        for (JsonNode row : usage.rows()) {
            Stream<String> first = Stream.of(
                    usage.by(),
                    row.path(usage.by()).asText(),
                    row.path("node").asText(),
                    row.path("simulated").asText());
            lines.add(line(Stream.concat(first, usage.columns().stream().map(column -> cell(column, row)))));
        }
        String simulated = usage.json().path("simulated").asText();
        if (usage.ofGpus()) {
            lines.add(last("total", simulated, usage, column -> cell(column, row(usage, column))));
        } else {
            lines.add(last(
                    "idle", simulated, usage, column -> column == Column.USED ? cell(Column.IDLE, usage.json()) : ""));
            lines.add(last(
                    "total",
                    simulated,
                    usage,
                    column -> column == Column.USED
                            ? cell(Column.WALL, usage.json())
                            : cell(column, row(usage, column))));
        }
        return lines;
    }

    private static JsonNode row(Usage usage, Column column) {
        return switch (column) {
            case IDLE, WALL, UNOBSERVED -> usage.json();
            case USED, GUARANTEED, LENT, BORROWED, WAITING, MEMORY ->
                usage.json().path("total");
        };
    }

    private static String last(
            String kind, String simulated, Usage usage, java.util.function.Function<Column, String> cell) {
        return line(Stream.concat(
                Stream.of(kind, "", "", simulated), usage.columns().stream().map(cell)));
    }

    private static String cell(Column column, JsonNode row) {
        return column.in(row).toPlainString();
    }

    private static String line(Stream<String> cells) {
        return cells.map(UsageCsv::quoted).collect(Collectors.joining(","));
    }

    /** As RFC 4180 wants it; what a spreadsheet would take for a formula is marked as a text. */
    private static String quoted(String cell) {
        String safe = cell.matches("[=+\\-@\\t\\r].*") ? "'" + cell : cell;
        return safe.matches("[A-Za-z0-9_./:'-]*") ? safe : '"' + safe.replace("\"", "\"\"") + '"';
    }
}
