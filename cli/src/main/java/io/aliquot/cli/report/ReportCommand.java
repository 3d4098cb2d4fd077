package io.aliquot.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.tenants.ControllerOptions;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot report}: who used how much, from the controller's ledger. */
@Command(
        name = "report",
        description = {
            "Show who used how much of the GPUs, by the hour and exactly once.",
            "",
            "Used and idle time together are the wall time of the GPUs. Guaranteed is a tenant's fair part of it; lent is"
                    + " what it left of that and others used, borrowed what it used beyond. Hours are whole, in UTC.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot report",
            "  aliquot report --from today --by team",
            "  aliquot report --from 2026-11-01 --to 2026-12-01 --format csv > november.csv",
            "  aliquot report --from 7d --by gpu --format json | jq '.rows[].idleGpuSeconds'",
        })
public final class ReportCommand implements Callable<Integer> {
    private static final List<String> ROWS = List.of("tenant", "team", "gpu", "hour");
    private static final List<String> FORMATS = List.of("table", "csv", "json");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            defaultValue = "24h",
            description =
                    "A length of time before now such as 24h or 7d, today, yesterday, a day such as 2026-11-24, or a"
                            + " time such as 2026-11-24T10:00 (default: 24h).")
    private String from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            defaultValue = "now",
            description = "The end, in the same forms (default: now).")
    private String to;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "tenant",
            description =
                    "What there is a line for: tenant, team, gpu or hour (default: tenant). The team of org/team/project"
                            + " is org/team.")
    private String by;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, csv or json (default: table).")
    private String format;

    @Mixin
    private ControllerOptions controller;

    @Override
    public Integer call() {
        requireOneOf("--by", by, ROWS);
        requireOneOf("--format", format, FORMATS);
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        Instant begin = Moments.parse("--from", from, now);
        Instant end = Moments.parse("--to", to, now);
        if (!begin.isBefore(end)) {
            throw CommandException.badInput(
                    "--from " + begin + " is not before --to " + end, "give an end that is later than the beginning");
        }
        JsonNode answer = controller.client().report(begin, end, by);
        Usage usage = new Usage(answer, now.getZone());
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case "json" -> out.println(answer);
            case "csv" -> {
                UsageCsv.lines(usage).forEach(out::println);
                // Beside the lines for a program, so that people see it, too.
                usage.notes().forEach(spec.commandLine().getErr()::println);
            }
            default -> UsageTable.lines(usage).forEach(out::println);
        }
        return 0;
    }

    private static void requireOneOf(String option, String value, List<String> right) {
        if (!right.contains(value)) {
            throw CommandException.badInput(
                    option + " '" + value + "' is not known", "give " + String.join(", ", right));
        }
    }
}
