package io.aliquot.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.tenants.ControllerClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Compares the ledger's report with what programs worked, once they rest. */
final class Auditor {
    /** The ledger commits every five seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration AGAIN = Duration.ofMillis(250);
    /** Far more than a play. */
    private static final Duration BACK = Duration.ofHours(2);

    private Auditor() {}

    /**
     * @param programs all that the cluster ever had, at rest since {@code restUnixMs}
     * @param witness knows all that they worked
     * @param restUnixMs milliseconds since 1970
     */
    static List<Account> audit(
            ControllerClient controller, List<Program> programs, ShareWitness witness, long restUnixMs)
            throws InterruptedException {
        Instant rest = Instant.ofEpochMilli(restUnixMs);
        JsonNode report =
                await(rest, () -> controller.report(rest.minus(BACK), rest.plus(Duration.ofHours(1)), "tenant"));
        Map<String, Double> reported = new TreeMap<>();
        report.path("rows")
                .forEach(row -> reported.put(
                        row.path("tenant").asText(), row.path("usedGpuSeconds").asDouble()));
        return programs.stream()
                .map(Program::tenant)
                .distinct()
                .map(tenant -> account(tenant, programs, witness, reported.getOrDefault(tenant, 0.0)))
                .toList();
    }

    private static Account account(
            String tenant, List<Program> programs, ShareWitness witness, double reportedGpuSeconds) {
        List<String> series = programs.stream()
                .filter(program -> program.tenant().equals(tenant))
                .flatMap(program -> program.gpus().stream().map(gpu -> Program.series(tenant, gpu)))
                .toList();
        double workedNs = series.stream().mapToDouble(witness::allGpuNs).sum();
        return new Account(tenant, series.size(), workedNs / 1e9, reportedGpuSeconds);
    }

    private static JsonNode await(Instant rest, Supplier<JsonNode> ask) throws InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode report = ask.get();
            if (report.path("until").isTextual()
                    && Instant.parse(report.path("until").asText()).isAfter(rest)) {
                return report;
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw CommandException.unavailable(
                        "the report does not cover the play after " + PATIENCE.toSeconds() + " s",
                        "look for the ledger's warnings in the controller's log",
                        null);
            }
            Thread.sleep(AGAIN);
        }
    }
}
