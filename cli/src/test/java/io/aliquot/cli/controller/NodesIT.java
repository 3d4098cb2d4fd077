package io.aliquot.cli.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.agent.link.AckLink;
import io.aliquot.agent.link.DecisionLink;
import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.Inventory;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.cli.Cli;
import io.aliquot.controller.app.Controller;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.Telemetry;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with today's links, one whose agent knows of no acknowledgements, and one that applies nothing. */
class NodesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path dir;

    private final Inventory inventory = new Inventory(
            "new",
            "0.2",
            "580.95",
            1,
            NodeLabels.NONE,
            List.of(new GpuInfo(0, Lab.GPU, "Simulated", 1L << 30, true)),
            Map.of());

    @Test
    void theControllerShowsWhatIsInForceOnNodesOfEachVersion() throws Exception {
        try (Lab lab = new Lab(dir);
                Controller controller = lab.controller();
                Cli cli = new Cli(dir);
                AckLink acks = AckLink.start(KafkaAccess.open(lab.bootstrap()), "new");
                DecisionLink decisions =
                        DecisionLink.start(KafkaAccess.open(lab.bootstrap()), "new", all -> apply(acks, all))) {
            acks.offer(inventory);
            lab.put(controller, "t", "{\"weight\":2}");
            await().atMost(PATIENCE).untilAsserted(() -> {
                lab.telemetry("new", Map.of("t", 500));
                lab.telemetry("deaf", Map.of("t", 500));
                JsonObject applied = node(lab, controller, "new").getJsonObject("applied", new JsonObject());
                assertThat(applied.getString("by")).isEqualTo("acknowledgement");
                assertThat(applied.getLong("sampleSequence")).isPositive();
                assertThat(applied.getLong("sampleToAppliedUs")).isBetween(1L, PATIENCE.toNanos() / 1000);
            });
            assertThat(decisions.malformed()).isZero();
            await().atMost(PATIENCE)
                    .until(() -> node(lab, controller, "new").getInteger("decisionsBehind") == 0
                            && node(lab, controller, "new").getString("driverVersion") != null);
            JsonObject now = node(lab, controller, "new");
            assertThat(now.getJsonObject("applied").getLong("sequence"))
                    .isEqualTo(now.getJsonObject("decided").getLong("sequence"));
            assertThat(now.getString("driverVersion")).isEqualTo("580.95");
            assertThat(now.getJsonArray("gpus").getJsonObject(0).getString("gpu"))
                    .isEqualTo(Lab.GPU);

            JsonObject deaf = node(lab, controller, "deaf");
            assertThat(deaf.containsKey("applied")).isFalse();
            assertThat(deaf.getInteger("decisionsBehind")).isPositive();
            assertThat(deaf.getLong("behindMs")).isPositive();

            acks.offer(inventory.withFaults(Map.of(0, "GPU is lost")));
            await().atMost(PATIENCE)
                    .until(() -> "GPU is lost"
                            .equals(node(lab, controller, "new")
                                    .getJsonArray("gpus")
                                    .getJsonObject(0)
                                    .getString("fault")));
            anAgentOfAnEarlierVersion(lab, controller);
            everyHopIsMeasuredAndTold(lab, controller);
            Cli.Result table = cli.run("nodes", "--controller", "http://127.0.0.1:" + controller.httpPort());
            assertThat(table.exitCode()).as(table.toString()).isZero();
            assertThat(table.out()).contains("580.95", "node new: GPU " + Lab.GPU + " can't be read: GPU is lost");
        }
    }

    private static void everyHopIsMeasuredAndTold(Lab lab, Controller controller) throws Exception {
        String served = lab.get(controller, "/metrics").json().getString("body");
        String told = Files.readString(Path.of("../docs/controller-metrics.md"));
        List<String> hops = Pattern.compile("`(aliquot_controller_\\w+_seconds)`")
                .matcher(told)
                .results()
                .map(hop -> hop.group(1))
                .toList();
        assertThat(hops).hasSizeGreaterThan(6);
        for (String hop : hops) {
            assertThat(served).containsPattern("(?m)^" + hop + "_count(\\{[^}]*\\})? [1-9]");
        }
        assertThat(served).containsPattern("(?m)^aliquot_controller_acks_total [1-9]");
        assertThat(served).contains("aliquot_controller_nodes_behind ");
        for (String topic : List.of(Topics.TELEMETRY, Topics.ACK, Topics.QUOTA_REQUEST)) {
            assertThat(served).contains("aliquot_controller_lag_records{topic=\"" + topic + "\"} ");
        }
    }

    /** Its telemetry has no mark, and alone says what it applied. */
    private static void anAgentOfAnEarlierVersion(Lab lab, Controller controller) throws Exception {
        Telemetry.Builder telemetry = Telemetry.newBuilder()
                .setNode("old")
                .setIntervalUs(100_000)
                .addGpus(GpuSample.newBuilder().setUuid("GPU-old").setName("Card"));
        lab.send(Topics.TELEMETRY, "old", telemetry.setSequence(1).build().toByteArray());
        var decision = lab.awaitDecision("old", any -> true);
        assertThat(decision.hasAnswers()).isFalse();
        telemetry.setSequence(2).setApplied(decision.getFence());
        lab.send(Topics.TELEMETRY, "old", telemetry.build().toByteArray());
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonObject applied = node(lab, controller, "old").getJsonObject("applied", new JsonObject());
            assertThat(applied.getString("by")).isEqualTo("telemetry");
            assertThat(applied.getLong("sequence"))
                    .isEqualTo(decision.getFence().getSequence());
            assertThat(node(lab, controller, "old").getJsonArray("gpus").size()).isEqualTo(1);
        });
    }

    private static void apply(AckLink acks, List<Decision> decisions) {
        Decision newest = decisions.getLast();
        long nowNs = System.nanoTime();
        acks.offer(new Applied(newest.fence(), newest.answers(), System.currentTimeMillis(), nowNs, nowNs + 1000));
    }

    private static JsonObject node(Lab lab, Controller controller, String name) throws Exception {
        return lab.get(controller, "/v1/nodes").json().getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .filter(node -> node.getString("node").equals(name))
                .findFirst()
                .orElse(new JsonObject());
    }
}
