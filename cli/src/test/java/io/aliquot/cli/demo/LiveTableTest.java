package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveTableTest {
    private static final List<LiveTable.Row> ROWS = List.of(
            new LiveTable.Row("a", 1, 125, 500, 870, 1L << 30, 4L << 30),
            new LiveTable.Row("b", 10, 875, 500, 0, 0, 0));
    private final StringWriter text = new StringWriter();

    @Test
    void showsEachTenantUnderTheHeads() {
        List<String> lines = LiveTable.render("1/4  all busy", ROWS);
        assertThat(lines.get(0)).isEqualTo("1/4  all busy");
        assertThat(lines.get(1)).startsWith("TENANT   WEIGHT   TARGET   ACHIEVED");
        assertThat(lines.get(2))
                .startsWith("a")
                .contains("12.5%", "50.0%", "870 ms/s", "1 GiB", "4 GiB", "████████████····");
        assertThat(lines.get(3)).startsWith("b").contains("87.5%", "none");
    }

    @Test
    void drawsOverItselfOnATerminalAlone() {
        draw(true);
        assertThat(text.toString()).contains("\u001b[5A");
        text.getBuffer().setLength(0);
        draw(false);
        assertThat(text.toString())
                .doesNotContain("\u001b")
                .containsOnlyOnce("first")
                .containsOnlyOnce("second");
    }

    @Test
    void leavesAKeptTableStanding() {
        LiveTable table = new LiveTable(new PrintWriter(text), true);
        table.draw("first", ROWS);
        table.keep();
        table.draw("second", ROWS);
        assertThat(text.toString()).doesNotContain("A\u001b[2Ksecond");
    }

    private void draw(boolean inPlace) {
        LiveTable table = new LiveTable(new PrintWriter(text), inPlace);
        table.draw("first", ROWS);
        table.draw("second", ROWS);
    }
}
