package io.aliquot.agent.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aliquot.agent.Natives;
import io.aliquot.agent.model.NodeLabels;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent on the simulated GPU, without a broker. */
class AgentTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private AgentConfig config;

    @TempDir
    Path folder;

    @BeforeEach
    void configure() throws Exception {
        config = AgentConfig.of("n1", dead(), folder.resolve("run"), folder.resolve("state"), Natives.folder())
                .withGpu(GpuMode.SIM);
    }

    @Test
    void isAliveButNotReadyWithoutABroker() throws Exception {
        NodeLabels labels = NodeLabels.parse(List.of("zone=a", "rack=7 B"));
        try (Agent agent = Agent.start(config.withLabels(labels))) {
            assertThat(agent.simulated()).isTrue();
            assertThat(agent.snapshot().tenants()).isEmpty();
            await().until(() -> get(agent, "/v1/usage").statusCode() == 200);
            assertThat(get(agent, "/v1/usage").body())
                    .contains("\"node\":\"n1\",\"labels\":{\"rack\":\"7 B\",\"zone\":\"a\"}")
                    .contains("\"simulated\":true")
                    .contains("\"applied\":null");
            assertThat(get(agent, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(agent, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(agent, "/readyz").body()).contains("decisions are not read yet");
            assertThat(get(agent, "/metrics").body())
                    .contains("aliquot_gpu_up{")
                    .contains("aliquot_gpu_memory_used_bytes{")
                    .contains("aliquot_decision_state{node=\"n1\",state=\"empty\"} 1.0")
                    .contains("aliquot_agent_loop_seconds_count");
        }
    }

    @Test
    void saysWithinTheGivenTimeThatNoBrokerAnswers() throws Exception {
        try (Agent agent = Agent.start(config)) {
            assertThatThrownBy(() -> agent.awaitBroker(Duration.ofMillis(300)))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining(config.bootstrapServers())
                    .hasMessageContaining("--kafka");
        }
    }

    @Test
    void namesATakenPortAndFreesWhatItHadStarted() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> Agent.start(config.withHttp("127.0.0.1", taken.getLocalPort())))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining(":" + taken.getLocalPort());
        }
        Agent.start(config).close();
    }

    @Test
    void refusesTheRunFolderOfALiveAgent() throws Exception {
        try (Agent agent = Agent.start(config)) {
            assertThat(agent.gpus()).isNotEmpty();
            assertThatThrownBy(() -> Agent.start(config))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("live agent")
                    .hasMessageContaining("--run-dir");
        }
    }

    @Test
    void saysWhatToDoWithoutALibraryOrAFolder() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Agent.start(
                        AgentConfig.of("n1", dead(), folder.resolve("r"), file.resolve("s"), Natives.folder())))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("state folder");
        assertThatThrownBy(
                        () -> Agent.start(AgentConfig.of("n1", dead(), folder.resolve("r"), folder.resolve("s"), folder)
                                .withGpu(GpuMode.SIM)))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("libnvidia-ml.so.1");
    }

    @Test
    void saysThatASimulationInUseKeepsItsGpusAndThatRealOnesAreNotSimulated() throws Exception {
        int found;
        try (Agent agent = Agent.start(config)) {
            found = agent.gpus().size();
        }
        assertThatThrownBy(() -> Agent.start(config.withSimulatedGpus(OptionalInt.of(found + 1))))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("--sim-gpus " + (found + 1))
                .hasMessageContaining("say --sim-gpus " + found)
                .hasMessageContaining("ALIQUOT_SIM");
        Agent.start(config.withSimulatedGpus(OptionalInt.of(found))).close();
        assertThatThrownBy(() -> Agent.start(config.withGpu(GpuMode.REAL).withSimulatedGpus(OptionalInt.of(2))))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("--sim-gpus 2 is for simulated GPUs");
    }

    @Test
    void namesTheSettingThatIsWrong() {
        assertThatThrownBy(() -> config.withInterval(Duration.ofMillis(1)))
                .hasMessage("interval is 1 ms; it must be between 10 ms and 10 s");
        assertThatThrownBy(() -> config.withHttp("127.0.0.1", 70_000)).hasMessageContaining("httpPort is 70000");
        assertThatThrownBy(() -> config.withSimulatedGpus(OptionalInt.of(9)))
                .hasMessage("simulatedGpus is 9; it must be between 1 and 8");
        assertThatThrownBy(() -> AgentConfig.of("n1", "nowhere", folder, folder, folder))
                .hasMessageContaining("bootstrapServers is nowhere");
    }

    private HttpResponse<String> get(Agent agent, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + agent.httpPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String dead() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + free.getLocalPort();
        }
    }
}
