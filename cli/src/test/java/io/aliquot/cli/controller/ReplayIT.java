package io.aliquot.cli.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.cli.Cli;
import io.aliquot.cli.Cli.Result;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller that recorded itself at a real broker, replayed by other processes. */
class ReplayIT {
    private static final int ROUNDS = 600; // a minute's worth of ticks
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final List<String> TENANTS = List.of("a", "b", "org/x", "org/y", "stranger");

    @TempDir
    static Path dir;

    private static Lab lab;
    private static Cli cli;
    private static Path saved;
    private static Result recorded;
    private static double usedGpuSeconds;
    private static Random random;

    /** Two terms, with quotas that change in and before both. */
    @BeforeAll
    static void record() throws Exception {
        lab = new Lab(dir);
        cli = new Cli(dir);
        random = new Random(4);
        saved = dir.resolve("two-terms.replay");
        lab.controller().close();
        try (Controller first = controller()) {
            put(first, "a", "{\"weight\":3,\"burstCreditGpuSeconds\":50}");
            put(first, "b", "{\"weight\":1,\"floorPermille\":200}");
            put(first, "org", "{\"weight\":2}");
            put(first, "org/x", "{\"weight\":1,\"historyHalfLifeSeconds\":5}");
            put(first, "org/y", "{\"weight\":1,\"ceilingPermille\":500,\"hardCeiling\":true}");
            play(first, ROUNDS);
        }
        lab.send(Lab.request("between-terms", "b").setWeight(9).build());
        try (Controller second = controller()) {
            play(second, ROUNDS / 4);
            assertThat(lab.call(second, "DELETE", "/v1/tenants/org/y", "").status())
                    .isEqualTo(200);
            play(second, ROUNDS / 4);
        }
        recorded = cli.run("replay", "--kafka", lab.bootstrap(), "--save", saved.toString(), "--output", "json");
    }

    @AfterAll
    static void stop() throws Exception {
        cli.close();
        lab.close();
    }

    @Test
    void everyDecisionOfTwoTermsReplaysToTheSameBytes() {
        assertThat(recorded.exitCode()).as(recorded.toString()).isZero();
        JsonObject report = new JsonObject(recorded.out());
        JsonObject decisions = report.getJsonObject("decisions");
        assertThat(decisions.getJsonArray("differences")).isEmpty();
        assertThat(decisions.getLong("same")).isGreaterThan(500);
        assertThat(decisions.getLong("different")).isZero();
        assertThat(decisions.getLong("notCompared")).isZero();
        assertThat(decisions.getLong("same"))
                .isEqualTo(lab.read(Topics.DECISION).size());
        assertThat(report.getJsonArray("notes")).isEmpty();
        assertThat(report.getInteger("terms")).isEqualTo(3);
        assertThat(report.getBoolean("simulated")).isTrue();
    }

    @Test
    void whatWasUsedIsAllThatTelemetryTold() {
        JsonObject report = new JsonObject(recorded.out());
        assertThat(report.getDouble("usedGpuSeconds")).isCloseTo(usedGpuSeconds, within(1e-3));
        assertThat(report.getJsonArray("tenants").stream().map(tenant -> ((JsonObject) tenant).getString("tenant")))
                .containsExactlyElementsOf(TENANTS);
    }

    @Test
    void aSavedFileReplaysToTheSameReport() throws Exception {
        Result file = cli.run("replay", "--file", saved.toString(), "--output", "json");
        assertThat(file.exitCode()).as(file.toString()).isZero();
        assertThat(file.out()).isEqualTo(recorded.out());
        Result table = cli.run("replay", "--file", saved.toString());
        assertThat(table.out()).contains("decisions are the same, byte by byte", "of simulated GPUs", "ENTITLED");
        Result csv = cli.run("replay", "--file", saved.toString(), "--output", "csv");
        assertThat(csv.out()).startsWith("tenant,simulated,used_gpu_s,").contains("\na,true,");
        assertThat(csv.err()).contains("decisions are the same");
        JsonObject all = new JsonObject(recorded.out());
        String from = Instant.ofEpochMilli(all.getLong("toUnixMs") - 1000).toString();
        Result end = cli.run("replay", "--file", saved.toString(), "--from", from, "--output", "json");
        JsonObject part = new JsonObject(end.out());
        assertThat(part.getLong("ticks")).isBetween(1L, all.getLong("ticks") - 1);
        assertThat(part.getJsonObject("decisions").getLong("different")).isZero();
        assertThat(part.getDouble("capacityGpuSeconds")).isBetween(0.1, 3.1);
        Result again = cli.run("replay", "--file", saved.toString(), "--save", saved.toString());
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("is there already; give another name to --save");
    }

    @Test
    void aFlippedByteIsAnErrorThatNamesThePlace() throws Exception {
        byte[] bytes = Files.readAllBytes(saved);
        bytes[bytes.length / 2] ^= 1;
        Path broken = Files.write(dir.resolve("broken.replay"), bytes);
        Result result = cli.run("replay", "--file", broken.toString());
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).containsPattern("broken.replay is broken: tick [0-9]+ at byte [0-9]+: its ");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void anotherPolicyGivesOtherSharesOfTheSameUse() throws Exception {
        Path policy = Files.writeString(
                dir.resolve("policy.json"),
                "{\"tenants\":[{\"tenant\":\"a\",\"weight\":1},{\"tenant\":\"b\",\"weight\":20}]}");
        Result result =
                cli.run("replay", "--file", saved.toString(), "--policy", policy.toString(), "--output", "json");
        assertThat(result.exitCode()).as(result.toString()).isZero();
        JsonObject other = new JsonObject(result.out());
        JsonObject before = new JsonObject(recorded.out());
        assertThat(tenant(other, "a").getDouble("usedGpuSeconds"))
                .isEqualTo(tenant(before, "a").getDouble("usedGpuSeconds"));
        assertThat(tenant(other, "b").getDouble("sharedGpuSeconds"))
                .isGreaterThan(1.2 * tenant(before, "b").getDouble("sharedGpuSeconds"));
        assertThat(tenant(other, "a").getDouble("sharedGpuSeconds"))
                .isLessThan(tenant(before, "a").getDouble("sharedGpuSeconds"));
        assertThat(tenant(other, "org/x").getBoolean("known")).isFalse();
        assertThat(other.getJsonObject("decisions").getLong("same")).isZero();

        Files.writeString(policy, "{\"tenants\":[{\"tenant\":\"a\",\"weight\":0}]}");
        Result wrong = cli.run("replay", "--file", saved.toString(), "--policy", policy.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("policy.json", "weight 0");
    }

    private static Controller controller() throws Exception {
        return Controller.start(new ControllerConfig(
                KafkaAccess.open(lab.bootstrap()),
                "127.0.0.1",
                0,
                "replay-it",
                Duration.ofMillis(10),
                ControllerConfig.DEFAULT_TIME_TO_LIVE));
    }

    /** Telemetry as fast as it goes, a change of quota now and then; all of it is decided on when this returns. */
    private static void play(Controller controller, int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            for (String node : NODES) {
                Map<String, Integer> busy = new HashMap<>();
                for (String tenant : TENANTS) {
                    if (random.nextInt(3) > 0) {
                        int permille = random.nextInt(400);
                        busy.put(tenant, permille);
                        usedGpuSeconds += permille * 1e-4;
                    }
                }
                lab.telemetry(node, busy);
            }
            if (round % 50 == 25) {
                put(controller, "a", "{\"weight\":" + (1 + random.nextInt(20)) + "}");
            }
        }
        long end = lab.read(Topics.TELEMETRY).size();
        lab.awaitDecision(NODES.getFirst(), d -> d.getInputOffsetsOrDefault(Topics.TELEMETRY, 0) >= end);
    }

    private static void put(Controller controller, String tenant, String quota) throws Exception {
        assertThat(lab.put(controller, tenant, quota).status()).isEqualTo(200);
    }

    private static JsonObject tenant(JsonObject report, String name) {
        return report.getJsonArray("tenants").stream()
                .map(JsonObject.class::cast)
                .filter(tenant -> tenant.getString("tenant").equals(name))
                .findFirst()
                .orElseThrow();
    }
}
