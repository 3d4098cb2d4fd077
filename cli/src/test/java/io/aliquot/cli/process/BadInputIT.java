package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** What is typed wrong or is not there: an exit code, one line that names value and fix, and nothing is lost. */
class BadInputIT {
    private static final int BAD_INPUT = 2;
    private static final int UNAVAILABLE = 4;
    private static final int NOT_STARTED = 125;

    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static JsonNode quotas;

    private final List<Executable> expected = new ArrayList<>();

    @BeforeAll
    static void start() {
        CLUSTER.start();
        CLUSTER.ask().set("a", "{\"weight\":4,\"floorPermille\":600}");
        CLUSTER.ask().set("b", "{\"weight\":1,\"memoryLimitBytes\":1073741824}");
        CLUSTER.ask().awaitWeight("b", 1);
        quotas = CLUSTER.ask().quotas();
    }

    @AfterEach
    void nothingIsLost() {
        assertThat(CLUSTER.ask().quotas()).isEqualTo(quotas);
        CLUSTER.ask().awaitWeight("a", 4);
        assertThat(CLUSTER.ask().agentHealthy()).isTrue();
        assertThat(Stream.of(CLUSTER.broker(), CLUSTER.controller(), CLUSTER.agent()))
                .allMatch(Proc::alive);
    }

    @Test
    void unknownTenant() throws IOException {
        Set<String> tokens = tokens();
        expect(CLUSTER.under("zoe", "run", "true"), NOT_STARTED, "tenant 'zoe' has no quota", "aliquot tenants set");
        expect(tenants("get", "zoe"), BAD_INPUT, "tenant 'zoe' does not exist", "list them");
        expect(tenants("remove", "zoe"), BAD_INPUT, "tenant 'zoe' does not exist", "one that is listed");
        expect(tenants("set", "Zoe!", "--weight", "1"), BAD_INPUT, "tenant 'Zoe!'", "a-z, 0-9");
        check();
        assertThat(tokens).as("tokens before").containsAll(tokens());
    }

    @Test
    void valuesOfAQuota() {
        expect(set("b", "--weight", "0"), BAD_INPUT, "'0' is not a weight", "1 to 1000000");
        expect(set("b", "--weight", "-1"), BAD_INPUT, "-1", "1 to 1000000");
        expect(set("b", "--floor", "80%", "--ceiling", "50%"), BAD_INPUT, "floor 80 %", "at most", "50 %");
        expect(set("b", "--floor", "60%"), BAD_INPUT, "floor 60 %", "come to 60 %", "at most 40 %");
        expect(set("b", "--floor", "150%"), BAD_INPUT, "'150%'", "0% to 100%");
        expect(set("b", "--memory", "10XB"), BAD_INPUT, "'10XB' is not a memory size", "10GiB");
        expect(set("b", "--memory", "1m"), BAD_INPUT, "1048576", "16 MiB");
        expect(set("b"), BAD_INPUT, "nothing to set for tenant 'b'", "--weight");
        expect(run("--memory", "10XB"), NOT_STARTED, "'10XB' is not a size", "10GiB");
        expect(run("--share", "0%"), NOT_STARTED, "'0%' is not a share", "30%");
        check();
    }

    @Test
    void unknownWords() {
        expect(CLUSTER.java("option", "agent", "--kafkaa", "x:1"), BAD_INPUT, "--kafka", "aliquot agent --help");
        expect(CLUSTER.java("option", "tenants", "set", "a", "--wieght", "1"), BAD_INPUT, "--wieght", "--help");
        expect(CLUSTER.java("command", "tenant"), BAD_INPUT, "'tenant'", "aliquot --help");
        expect(CLUSTER.java("command", "tenants", "lst"), BAD_INPUT, "'lst'", "aliquot tenants --help");
        expect(CLUSTER.java("port", "broker", "--port", "70000"), BAD_INPUT, "'70000' is not a port", "65535");
        expect(
                CLUSTER.java("gpu", "agent", "--kafka", "x:1", "--gpu", "none"),
                BAD_INPUT,
                "'none'",
                "auto, sim or real");
        expect(CLUSTER.java("kafka", "agent", "--kafka", "nowhere"), BAD_INPUT, "nowhere", "host:port");
        check();
    }

    @Test
    void portTaken() {
        String api = Integer.toString(CLUSTER.controllerPort());
        String kafka = Integer.toString(CLUSTER.brokerPort());
        expect(
                CLUSTER.java("controller", "controller", "--kafka", CLUSTER.kafka(), "--http-port", api),
                UNAVAILABLE,
                "port " + api + " taken",
                "--http-port");
        expect(
                CLUSTER.java("broker", "broker", "--state", folder("other").toString(), "--port", kafka),
                UNAVAILABLE,
                "port " + kafka,
                "taken",
                "choose another");
        expect(
                other(folder("port"), CLUSTER.agentPort()),
                UNAVAILABLE,
                ":" + CLUSTER.agentPort(),
                "choose another port");
        check();
    }

    @Test
    void brokerUnreachable() {
        String nowhere = "127.0.0.1:" + Ports.free();
        expect(
                CLUSTER.java("controller", "controller", "--kafka", nowhere, "--http-port", "0"),
                UNAVAILABLE,
                nowhere,
                "--kafka");
        String dir = folder("lonely").toString();
        expect(
                CLUSTER.java(
                        "agent",
                        "agent",
                        "--kafka",
                        nowhere,
                        "--state",
                        dir,
                        "--run-dir",
                        dir,
                        "--http-port",
                        "0",
                        "--gpu",
                        "sim"),
                UNAVAILABLE,
                "no broker answered at " + nowhere,
                "--kafka");
        expect(
                CLUSTER.java("tenants", "tenants", "list", "--controller", "http://" + nowhere),
                UNAVAILABLE,
                "no controller answers at http://" + nowhere,
                "--controller");
        check();
    }

    @Test
    void noGpu() throws IOException {
        // Found before a real one: no library at all, and a simulated one.
        Path broken = Files.createDirectories(folder("no-driver"));
        Files.createFile(broken.resolve("libnvidia-ml.so.1"));
        String sim = CLUSTER.nativeDir().resolve("sim").toString();
        for (String libraries : List.of(broken.toString(), sim)) {
            String dir = folder("no-gpu").toString();
            expect(
                    CLUSTER.java(
                            "agent",
                            Map.of("LD_LIBRARY_PATH", libraries),
                            "agent",
                            "--kafka",
                            CLUSTER.kafka(),
                            "--state",
                            dir,
                            "--run-dir",
                            dir,
                            "--http-port",
                            "0",
                            "--gpu",
                            "real"),
                    UNAVAILABLE,
                    "no GPU",
                    "NVIDIA driver",
                    "--gpu sim");
        }
        check();
    }

    @Test
    void agentOfAnotherPageVersion() throws IOException {
        Tenant running = CLUSTER.tenant("a");
        Path otherBuild = Compiled.agentParts(CLUSTER, 99);
        CLUSTER.agent().sigkill();
        CLUSTER.startAgent(otherBuild).awaitOut(Cluster.READY);

        expect(
                CLUSTER.under("a", "run", "true"),
                NOT_STARTED,
                "this agent speaks page versions 99 to 99 and the limiter 2 to 2",
                "install the same Aliquot on both sides");
        check();
        running.awaitProgress(running.gpuNs()); // at its fallback share

        CLUSTER.agent().sigkill();
        CLUSTER.startAgent().awaitOut(Cluster.READY);
        await("the program is known again")
                .atMost(Proc.PATIENCE)
                .until(() -> CLUSTER.ask().usage("a").path("processes").asInt() == 1);
        running.proc().close();
    }

    @Test
    void foldersOfOthers() throws IOException {
        Path file = Files.writeString(CLUSTER.dir().resolve("file"), "no folder");
        expect(
                CLUSTER.agent("second", folder("second"), CLUSTER.runDir(), 0),
                UNAVAILABLE,
                CLUSTER.runDir().toString(),
                "live agent",
                "--run-dir");
        expect(CLUSTER.agent("third", file, folder("third"), 0), UNAVAILABLE, file.toString(), "choose");
        expect(
                CLUSTER.java(
                        "broker",
                        "broker",
                        "--state",
                        CLUSTER.dir().resolve("broker").toString(),
                        "--port",
                        "0"),
                UNAVAILABLE,
                "another broker runs",
                "--state");
        expect(
                run("--tenant", "a", "--run-dir", folder("nobody").toString()),
                NOT_STARTED,
                "no agent in",
                "aliquot up");
        check();
    }

    @Test
    void aCorruptStateFileIsMovedAsideAndTheNodeGoesOn() throws IOException {
        Path state = Files.createDirectories(folder("corrupt"));
        Files.writeString(state.resolve("decision.pb"), "no decision");

        Proc agent = other(state, 0);

        agent.awaitOut(Cluster.READY);
        assertThat(agent.err()).contains(state.resolve("decision.pb") + " can't be used", "moved aside");
        assertThat(state.resolve("decision.pb.bad")).hasContent("no decision");
        await("a decision is kept again").atMost(Proc.PATIENCE).until(() -> Files.exists(state.resolve("decision.pb")));
        agent.close();
    }

    private static Set<String> tokens() throws IOException {
        try (Stream<Path> files = Files.list(CLUSTER.runDir().resolve("tokens"))) {
            return files.map(Path::toString).collect(Collectors.toSet());
        }
    }

    private static Path folder(String name) {
        return CLUSTER.dir().resolve("of-" + name);
    }

    /** Another node's agent. */
    private static Proc other(Path state, int httpPort) {
        return CLUSTER.agent("other", state, state.resolve("run"), httpPort);
    }

    private static Proc tenants(String... arguments) {
        List<String> all = new ArrayList<>(List.of("tenants"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--controller", CLUSTER.controllerUrl()));
        return CLUSTER.java("tenants", all.toArray(String[]::new));
    }

    private static Proc set(String tenant, String... options) {
        List<String> all = new ArrayList<>(List.of("set", tenant));
        all.addAll(List.of(options));
        return tenants(all.toArray(String[]::new));
    }

    private static Proc run(String... options) {
        List<String> all = new ArrayList<>(List.of(CLUSTER.program("aliquot-run")));
        all.addAll(List.of(options));
        all.addAll(List.of("--", "true"));
        return CLUSTER.start("run", Map.of(), all);
    }

    /** It ends with this code, and its last words are one line with all of these. Looked at by {@link #check}. */
    private void expect(Proc proc, int code, String... words) {
        expected.add(() -> {
            Proc.Result result = proc.awaitEnd();
            String last = result.err().lines().reduce("", (earlier, later) -> later);
            assertThat(result.code()).as(proc.toString()).isEqualTo(code);
            assertThat(last).as(proc.toString()).startsWith("aliquot").contains(words);
        });
    }

    /** What was started side by side has ended as expected. */
    private void check() {
        assertAll(expected);
    }
}
