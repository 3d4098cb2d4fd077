package io.aliquot.cli.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.broker.AnyBroker;
import io.aliquot.cli.controller.Lab.Answer;
import io.aliquot.cli.report.ReportCommand;
import io.aliquot.controller.app.Controller;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** From telemetry through the ledger to the API and the command. */
@AnyBroker
class ReportIT {
    @TempDir
    Path dir;

    @Test
    void aReportAddsUpAndSurvivesARestart() throws Exception {
        try (Lab lab = new Lab(dir)) {
            JsonObject before;
            try (Controller controller = lab.controller()) {
                for (int i = 0; i < 10; i++) {
                    lab.telemetry("n", Map.of("org/t/x", 600, "org/t/y", 100));
                }
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> seconds(report(lab, controller, "tenant"), "wallGpuSeconds")
                                        .compareTo(BigDecimal.ONE)
                                == 0);
                before = report(lab, controller, "tenant");
                assertThat(before.getBoolean("simulated")).isTrue();
                assertThat(seconds(before, "idleGpuSeconds")).isEqualByComparingTo("0.3");
                assertThat(before.getJsonArray("rows").getJsonObject(0).getString("tenant"))
                        .isEqualTo("org/t/x");
                JsonObject team =
                        report(lab, controller, "team").getJsonArray("rows").getJsonObject(0);
                assertThat(team.getString("team")).isEqualTo("org/t");
                assertThat(seconds(team, "usedGpuSeconds")).isEqualByComparingTo("0.7");
                assertThat(lab.get(controller, "/metrics").json().getString("body"))
                        .contains("aliquot_controller_ledger_entries", "aliquot_controller_ledger_lag_records");
                Answer refused = lab.get(controller, "/v1/report?by=node");
                assertThat(refused.status()).isEqualTo(422);
                assertThat(refused.json().getString("error")).isEqualTo("by node: expected tenant, team, gpu or hour");
            }
            try (Controller controller = lab.controller()) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> lab.get(controller, "/v1/report").status() == 200);
                assertThat(report(lab, controller, "tenant")).isEqualTo(before);

                List<String> table = command(controller, "table");
                assertThat(table).anyMatch(line -> line.matches("org/t/x +0\\.600 .*"));
                assertThat(table).anyMatch(line -> line.matches("\\(idle\\) +0\\.300"));
                assertThat(table).anyMatch(line -> line.matches("\\(total\\) +1\\.000 .*"));
                assertThat(table).contains("GPUs of it are simulated.");
                assertThat(command(controller, "csv")).anyMatch(line -> line.startsWith("total,,,true,1,"));
                assertThat(new JsonObject(command(controller, "json").getFirst()).getString("by"))
                        .isEqualTo("tenant");
            }
        }
    }

    private static JsonObject report(Lab lab, Controller controller, String by) throws Exception {
        JsonObject json =
                lab.get(controller, "/v1/report?from=2020-01-01&by=" + by).json();
        json.remove("body");
        json.remove("to");
        return json;
    }

    private static BigDecimal seconds(JsonObject json, String field) {
        return new BigDecimal(String.valueOf(json.getValue(field, 0)));
    }

    private static List<String> command(Controller controller, String format) {
        StringWriter out = new StringWriter();
        int code = new CommandLine(new ReportCommand())
                .setOut(new PrintWriter(out, true))
                .execute("--controller", "http://127.0.0.1:" + controller.httpPort(), "--format", format);
        assertThat(code).isZero();
        return new ArrayList<>(out.toString().lines().toList());
    }
}
