package io.aliquot.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.text.Table;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A report as a table for people: used and idle time adds up to the wall time, also as it is shown. Pure. */
final class UsageTable {
    private static final int DECIMALS = 3;
    private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

    private UsageTable() {}

    static List<String> lines(Usage usage) {
        if (usage.isEmpty()) {
            return List.of("There is no telemetry " + usage.span() + ".");
        }
        List<JsonNode> rows = usage.rows();
        List<Column> columns = usage.columns();
        Map<Column, List<BigDecimal>> shown = shown(usage, rows, columns);
        Table table = new Table(
                line(usage.by().toUpperCase(Locale.ROOT), columns.stream().map(Column::head)));
        for (int i = 0; i < rows.size(); i++) {
            int row = i;
            table.row(line(usage.name(rows.get(i)), columns.stream().map(column -> cell(shown, column, row))));
        }
        if (!usage.ofGpus()) {
            table.row(line(
                    "(idle)",
                    columns.stream().map(c -> c == Column.USED ? cell(shown, Column.USED, rows.size()) : "")));
        }
        table.row(line("(total)", columns.stream().map(column -> total(shown, column))));
        List<String> lines = new ArrayList<>();
        lines.add("GPU-seconds " + usage.span() + "; used and idle is the wall time of the GPUs:");
        lines.add("");
        lines.addAll(table.lines());
        lines.add("");
        lines.addAll(usage.notes());
        return lines;
    }

    /** Rounded; where idle time has a line of its own, that is the last of the used time. */
    private static Map<Column, List<BigDecimal>> shown(Usage usage, List<JsonNode> rows, List<Column> columns) {
        Map<Column, List<BigDecimal>> shown = new EnumMap<>(Column.class);
        for (Column column : columns) {
            List<BigDecimal> values = new ArrayList<>();
            rows.forEach(row -> values.add(inUnit(column, row)));
            if (column == Column.USED && !usage.ofGpus()) {
                values.add(Column.IDLE.in(usage.json()));
            }
            shown.put(column, Rounded.column(values, DECIMALS));
        }
        if (usage.ofGpus()) {
            List<BigDecimal> wall = new ArrayList<>();
            for (int i = 0; i < rows.size(); i++) {
                wall.add(
                        of(shown, Column.USED).get(i).add(of(shown, Column.IDLE).get(i)));
            }
            shown.put(Column.WALL, wall);
        }
        return shown;
    }

    private static BigDecimal inUnit(Column column, JsonNode row) {
        return column == Column.MEMORY ? column.in(row).divide(GIB, MathContext.DECIMAL128) : column.in(row);
    }

    private static List<BigDecimal> of(Map<Column, List<BigDecimal>> shown, Column column) {
        return shown.getOrDefault(column, List.of());
    }

    private static String cell(Map<Column, List<BigDecimal>> shown, Column column, int row) {
        return of(shown, column).get(row).toPlainString();
    }

    private static String total(Map<Column, List<BigDecimal>> shown, Column column) {
        return of(shown, column).stream()
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .setScale(DECIMALS)
                .toPlainString();
    }

    private static String[] line(String first, Stream<String> others) {
        return Stream.concat(Stream.of(first), others).toArray(String[]::new);
    }
}
