package io.aliquot.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.GpuMode;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.TenantSnapshot;
import io.aliquot.cli.Ports;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.cli.stack.InForce;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantSample;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent on the simulated GPU with the real node library and a real broker. */
class AgentIT {
    private static EmbeddedBroker broker;
    private static AgentBus bus;

    @TempDir
    static Path records;

    @TempDir
    Path folder;

    @BeforeAll
    static void startBroker() throws Exception {
        natives();
        broker = EmbeddedBroker.start(records, 0);
        bus = new AgentBus(broker.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        if (bus != null) {
            bus.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void sendsTelemetryEveryInterval() throws Exception {
        try (Agent agent = Agent.start(config("every", broker.bootstrapServers()))) {
            List<Telemetry> records = bus.telemetry("every", 10, t -> true);

            assertThat(records).hasSizeGreaterThanOrEqualTo(10);
            // On a slow machine a newer one may replace one that could not be sent yet; none comes twice or late.
            assertThat(records).extracting(Telemetry::getSequence).isSorted().doesNotHaveDuplicates();
            assertThat(records.getLast().getIntervalUs()).isGreaterThan(20_000);
            assertThat(records.getLast().getGpus(0).getSimulated()).isTrue();
            assertThat(records.getLast().getGpus(0).getUuid())
                    .isEqualTo(agent.gpus().getFirst().uuid());
            assertThat(records.getLast().hasApplied()).isFalse();
        }
    }

    @Test
    void putsADecisionInForceAndSaysSo() throws Exception {
        try (Agent agent = Agent.start(config("force", broker.bootstrapServers()))) {
            agent.awaitBroker(Duration.ofSeconds(10));
            String gpu = agent.gpus().getFirst().uuid();

            bus.decide("force", gpu, 1, 4);

            awaitWeight(agent, 4);
            assertThat(bus.telemetry("force", 1, t -> t.getApplied().getSequence() == 1))
                    .isNotEmpty();
            await().untilAsserted(() -> assertThat(get(agent, "/readyz")).isEqualTo(200));
        }
    }

    @Test
    void tellsOfItsLabelsAndOfWhatTheDecisionInForceFollowsFromAndGuarantees() throws Exception {
        AgentConfig config =
                config("labels", broker.bootstrapServers()).withLabels(NodeLabels.parse(List.of("zone=a", "rack=7 B")));
        try (Agent agent = Agent.start(config)) {
            bus.decide("labels", agent.gpus().getFirst().uuid(), 6, 4);

            Telemetry telemetry =
                    bus.telemetry("labels", 1, Telemetry::hasApplied).getFirst();

            assertThat(telemetry.getLabelsMap()).isEqualTo(Map.of("zone", "a", "rack", "7 B"));
            TenantSample sample = telemetry.getGpus(0).getTenants(0);
            assertThat(sample.getTenant()).isEqualTo("a");
            assertThat(sample.getProcesses()).isZero(); // a tenant of the decision is told of without a process, too
            assertThat(sample.getGuaranteedPermille()).isEqualTo(AgentBus.GUARANTEED_PERMILLE);
            assertThat(sample.getQuotaVersion()).isEqualTo(6);
            assertThat(body(agent, "/v1/usage")).contains("\"quotaVersion\":6");
        }
    }

    @Test
    void tellsWhenANewerQuotaIsInForce() throws Exception {
        try (Agent agent = Agent.start(config("newer", broker.bootstrapServers()))) {
            String gpu = agent.gpus().getFirst().uuid();
            InForce inForce = new InForce(agent);
            long begunNs = System.nanoTime();
            assertThat(inForce.version("a")).isZero();

            bus.decide("newer", gpu, 3, 4);
            long firstNs = inForce.awaitNewer("a", 0);
            assertThat(inForce.version("a")).isEqualTo(3);
            assertThat(inForce.version("stranger")).isZero();
            assertThat(firstNs)
                    .isBetween(begunNs, System.nanoTime())
                    .isEqualTo(agent.snapshot().appliedAtNs());

            bus.decide("newer", gpu, 4, 4);
            assertThat(inForce.awaitNewer("a", 3))
                    .isGreaterThan(firstNs)
                    .isEqualTo(agent.snapshot().appliedAtNs());
        }
    }

    @Test
    void refusesAStaleFence() throws Exception {
        try (Agent agent = Agent.start(config("stale", broker.bootstrapServers()))) {
            String gpu = agent.gpus().getFirst().uuid();
            bus.decide("stale", gpu, 5, 4);
            awaitWeight(agent, 4);

            bus.decide("stale", gpu, 4, 9);
            bus.decide("stale", "GPU-of-another-node", 6, 9);

            await().until(() ->
                    body(agent, "/metrics").contains("aliquot_decisions_refused_total{node=\"stale\"} 2.0"));
            assertThat(weight(agent)).isEqualTo(4);
            bus.decide("stale", gpu, 7, 5);
            awaitWeight(agent, 5);
        }
    }

    @Test
    void skipsGarbageAndTakesTheNextDecision() throws Exception {
        try (Agent agent = Agent.start(config("garbage", broker.bootstrapServers()))) {
            bus.send("garbage", "no decision".getBytes(StandardCharsets.UTF_8));
            bus.send("garbage", new byte[0]);
            bus.decide("garbage", agent.gpus().getFirst().uuid(), 1, 4);

            awaitWeight(agent, 4);
            assertThat(body(agent, "/metrics")).contains("aliquot_decisions_malformed_total{node=\"garbage\"} 2.0");
        }
    }

    @Test
    void appliesOnlyTheNewestDecisionOfTheLogOnStart() throws Exception {
        AgentConfig config = config("newest", broker.bootstrapServers());
        String gpu;
        try (Agent agent = Agent.start(config)) {
            gpu = agent.gpus().getFirst().uuid();
        }
        for (int i = 1; i <= 20; i++) {
            bus.decide("newest", gpu, i, i);
        }
        try (Agent agent = Agent.start(config)) {
            awaitWeight(agent, 20);
            assertThat(agent.snapshot().generation()).isEqualTo(1);
        }
    }

    @Test
    void startsOnItsLastDecisionWithoutABroker() throws Exception {
        try (Agent agent = Agent.start(config("last", broker.bootstrapServers()))) {
            bus.decide("last", agent.gpus().getFirst().uuid(), 1, 4);
            awaitWeight(agent, 4);
        }
        try (Agent agent = Agent.start(config("last", "127.0.0.1:" + Ports.free()))) {
            assertThat(weight(agent)).isEqualTo(4);
            assertThat(body(agent, "/metrics")).contains("aliquot_decision_state{node=\"last\",state=\"held\"} 1.0");
            assertThat(get(agent, "/readyz")).isEqualTo(503);
        }
    }

    @Test
    void picksUpWhenTheBrokerComes() throws Exception {
        int port = Ports.free();
        try (Agent agent = Agent.start(config("late", "127.0.0.1:" + port))) {
            Thread.sleep(1000);
            try (EmbeddedBroker late = EmbeddedBroker.start(folder.resolve("late"), port);
                    AgentBus lateBus = new AgentBus(late.bootstrapServers())) {
                lateBus.decide("late", agent.gpus().getFirst().uuid(), 1, 4);
                awaitWeight(agent, 4);
                await().atMost(Duration.ofSeconds(20)).until(() -> get(agent, "/readyz") == 200);
            }
        }
    }

    private AgentConfig config(String node, String bootstrapServers) {
        return AgentConfig.of(node, bootstrapServers, folder.resolve("run"), folder.resolve("state"), natives())
                .withGpu(GpuMode.SIM);
    }

    /** The reactor's build always has them; a lone run of this module may not. */
    private static Path natives() {
        Path natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("libaliquot-node.so")), natives + " has no libaliquot-node.so");
        assumeTrue(Files.exists(natives.resolve("sim/libnvidia-ml.so.1")), natives + " has no simulated NVML");
        return natives;
    }

    private static void awaitWeight(Agent agent, int weight) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(weight(agent)).isEqualTo(weight));
    }

    private static int weight(Agent agent) {
        return agent.snapshot().tenants().stream()
                .filter(t -> t.tenant().equals("a"))
                .findFirst()
                .map(TenantSnapshot::share)
                .map(TenantSnapshot.Quota::weight)
                .orElse(0);
    }

    private static int get(Agent agent, String path) throws Exception {
        return answer(agent, path).statusCode();
    }

    private static String body(Agent agent, String path) throws Exception {
        return answer(agent, path).body();
    }

    private static HttpResponse<String> answer(Agent agent, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + agent.httpPort() + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
