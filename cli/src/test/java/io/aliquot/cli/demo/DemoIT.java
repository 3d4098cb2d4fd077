package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.cli.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoIT {
    @TempDir
    Path dir;

    private Cli cli;

    @BeforeEach
    void prepare() {
        cli = new Cli(dir);
    }

    @AfterEach
    void end() throws Exception {
        cli.close();
    }

    @Test
    void playsFourPhasesAndLeavesNothing() throws Exception {
        Cli.Result result = cli.run("demo", "--gpu", "sim", "--for", "12s", "--output", "json");
        // A machine that is busy with other tests may miss a share; that is for the benchmark to judge, not for this
        // test.
        assertThat(result.exitCode()).as(result.toString()).isIn(0, 1);
        JsonNode json = new ObjectMapper().readTree(result.out());
        assertThat(json.path("gpu").asText()).isEqualTo("sim");
        assertThat(json.path("phases").findValuesAsText("name")).containsExactly("busy", "idle", "return", "reweight");
        json.path("phases").forEach(phase -> {
            double sum = 0;
            for (JsonNode tenant : phase.path("tenants")) {
                sum += tenant.path("achievedPermille").asDouble();
            }
            assertThat(sum).as(phase.toString()).isBetween(999.0, 1001.0);
        });
        assertThat(json.path("apply").path("samples").asInt()).isPositive();
        assertThat(result.err()).contains("simulated GPU", "TENANT", "WAITED", "LIMIT");
        assertNothingIsLeft();
    }

    @Test
    void ctrlCEndsEveryProcessAndRemovesItsFolder() throws Exception {
        Cli.Running demo = cli.start("demo", "--gpu", "sim", "--for", "60s").awaitOut("ACHIEVED");
        assertThat(demo.process().descendants()).hasSize(3);
        Cli.Result result = demo.signal("INT");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(130);
        assertThat(result.err()).as(result.toString()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void ctrlCAtATerminalReachesTheTenantsTooAndEndsItAsQuietly() throws Exception {
        Cli.Running demo = cli.start("demo", "--gpu", "sim", "--for", "60s").awaitOut("ACHIEVED");
        Cli.Result result = demo.typeCtrlC();
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(130);
        assertThat(result.err()).as(result.toString()).isEmpty();
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Starting a Kafka broker", "Starting three tenants"})
    void ctrlCWhileItStartsLeavesNothing(String step) throws Exception {
        Cli.Running demo = cli.start("demo", "--gpu", "sim", "--for", "60s").awaitOut(step);
        Cli.Result result = demo.typeCtrlC();
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(130);
        assertThat(result.err()).as(result.toString()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void aTenantThatDiesEndsTheDemoWithItsName() throws Exception {
        Cli.Running demo = cli.start("demo", "--gpu", "sim", "--for", "60s").awaitOut("ACHIEVED");
        List<ProcessHandle> tenants = demo.process().descendants().toList();
        tenants.get(0).destroyForcibly();
        Cli.Result result = demo.await();
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(4);
        assertThat(result.err()).contains("tenant ", "exit code 137").hasLineCount(1);
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws Exception {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ProcessHandle.allProcesses().filter(this::ofThisTest))
                        .isEmpty());
        try (var files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.startsWith("out-") || name.startsWith("err-"));
        }
    }

    /** Whatever the demo starts inherits where this test's simulated GPU is. */
    private boolean ofThisTest(ProcessHandle process) {
        try {
            Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
            return Files.readString(environment, StandardCharsets.ISO_8859_1).contains(dir.toString());
        } catch (IOException gone) {
            return false;
        }
    }
}
