package io.aliquot.cli.demo;

import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.Percent;
import io.aliquot.cli.text.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** The table that lives: drawn over itself on a terminal, appended elsewhere. One thread. */
final class LiveTable {
    private static final int BAR_WIDTH = 24;
    private static final String CLEAR_LINE = "\u001b[2K";

    private final PrintWriter out;
    private final boolean inPlace;
    private int drawn;

    /** @param inPlace whether {@code out} is a terminal */
    LiveTable(PrintWriter out, boolean inPlace) {
        this.out = out;
        this.inPlace = inPlace;
    }

    /** A tenant at one moment. */
    record Row(
            String tenant,
            int weight,
            double targetPermille,
            double achievedPermille,
            long waitedMs,
            long memoryUsedBytes,
            long memoryLimitBytes) {}

    /** Shows the rows in place of the last ones. */
    void draw(String title, List<Row> rows) {
        draw(render(title, rows));
    }

    /** Shows the lines in place of the last ones. */
    void draw(List<String> lines) {
        if (inPlace && drawn > 0) {
            out.print("\u001b[" + drawn + "A");
        }
        for (String line : lines) {
            out.println((inPlace ? CLEAR_LINE : "") + line);
        }
        out.flush();
        drawn = lines.size();
    }

    /** Leaves the last table standing; the next is drawn below it. */
    void keep() {
        drawn = 0;
    }

    static List<String> render(String title, List<Row> rows) {
        Table table = new Table("TENANT", "WEIGHT", "TARGET", "ACHIEVED", "WAITED", "MEMORY", "LIMIT");
        for (Row row : rows) {
            table.row(
                    row.tenant,
                    Integer.toString(row.weight),
                    Percent.show(row.targetPermille),
                    Percent.show(row.achievedPermille),
                    row.waitedMs + " ms/s",
                    new Bytes(row.memoryUsedBytes).toString(),
                    row.memoryLimitBytes == 0 ? "none" : new Bytes(row.memoryLimitBytes).toString());
        }
        return withBars(title, table, rows.stream().map(Row::achievedPermille).toList());
    }

    /**
     * A table under a title.
     *
     * @param permille of each row but the head, shown as a bar
     */
    static List<String> withBars(String title, Table table, List<Double> permille) {
        List<String> lines = new ArrayList<>();
        lines.add(title);
        List<String> body = table.lines();
        lines.add(body.get(0));
        for (int i = 0; i < permille.size(); i++) {
            lines.add(body.get(i + 1) + "   " + bar(permille.get(i)));
        }
        lines.add("");
        return lines;
    }

    private static String bar(double permille) {
        int full = (int) Math.round(Math.clamp(permille, 0, 1000) * BAR_WIDTH / 1000);
        return "█".repeat(full) + "·".repeat(BAR_WIDTH - full);
    }
}
