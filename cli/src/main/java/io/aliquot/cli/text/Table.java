package io.aliquot.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Columns of text: the first to the left, all others to the right, as wide as needed. */
public final class Table {
    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    public Table(String... heads) {
        columns = heads.length;
        row(heads);
    }

    /** @throws IllegalArgumentException when the row has another number of cells than the head */
    public Table row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    /** The lines, the head first, without spaces at the end. */
    public List<String> lines() {
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line =
                new StringBuilder(row.get(0)).repeat(' ', widths[0] - row.get(0).length());
        for (int i = 1; i < widths.length; i++) {
            line.append(GAP).repeat(' ', widths[i] - row.get(i).length()).append(row.get(i));
        }
        return line.toString().stripTrailing();
    }
}
