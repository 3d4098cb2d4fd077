package io.aliquot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aliquot.agent.app.Agent;
import io.aliquot.agent.app.AgentConfig;
import io.aliquot.agent.app.GpuMode;
import io.aliquot.cli.broker.EmbeddedBroker;
import io.aliquot.controller.app.Controller;
import io.aliquot.controller.app.ControllerConfig;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.http.HttpTls;
import io.aliquot.schema.http.Tokens;
import io.aliquot.schema.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two controllers that other machines can reach, the first a process: with HTTPS and a file of tokens. Commands speak to them as
 * users would.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HttpSecurityIT {
    private static final Pattern READY = Pattern.compile("controller ready: https://0\\.0\\.0\\.0:(\\d+)");

    @TempDir
    static Path dir;

    private static final Map<String, Path> TOKENS = new HashMap<>();
    private static EmbeddedBroker broker;
    private static Cli cli;
    private static TestCa authority;
    private static Path ca;
    private static Path otherCa;
    private static Path certificate;
    private static Path tokenFile;
    private static Cli.Running first;
    private static Controller second;
    private static String active;
    private static String standby;

    private record Result(int code, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        authority = new TestCa(dir, "lab-ca");
        ca = authority.certificate();
        certificate = authority.server("controller");
        otherCa = new TestCa(dir, "other-ca").certificate();
        tokenFile = dir.resolve("tokens");
        token("ops", "--role", "operator");
        token("grafana", "--role", "viewer");
        token("lab-lead", "--role", "tenant", "--tenant", "lab");
        broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
        cli = new Cli(dir);
        first = controller("first");
        active = url(first);
        second = Controller.start(new ControllerConfig(
                KafkaAccess.open(broker.bootstrapServers()),
                "0.0.0.0",
                0,
                "second",
                ControllerConfig.DEFAULT_TICK,
                ControllerConfig.DEFAULT_TIME_TO_LIVE,
                guard()));
        standby = "https://127.0.0.1:" + second.httpPort();
        for (String tenant : List.of("lab", "lab/train", "shop")) {
            assertThat(as("ops", "tenants", "set", tenant, "--weight", "1").err())
                    .isEmpty();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (second != null) {
            second.close();
        }
        if (cli != null) {
            cli.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private static void token(String name, String... role) {
        Path file = dir.resolve(name + ".token");
        List<String> words = new ArrayList<>(List.of("token", "new", "--name", name));
        words.addAll(List.of(role));
        words.addAll(List.of("--append", tokenFile.toString(), "--save", file.toString()));
        assertThat(run(words).code()).isZero();
        TOKENS.put(name, file);
    }

    private static HttpGuard guard() throws Exception {
        return new HttpGuard(
                Optional.of(Tokens.open(tokenFile)),
                Optional.of(HttpTls.open(certificate, dir.resolve("controller.key"))),
                false);
    }

    private static Cli.Running controller(String holder) throws Exception {
        return cli.start(
                "controller",
                "--kafka",
                broker.bootstrapServers(),
                "--holder",
                holder,
                "--http-host",
                "0.0.0.0",
                "--http-port",
                "0",
                "--http-tokens",
                tokenFile.toString(),
                "--http-cert",
                certificate.toString(),
                "--http-key",
                dir.resolve("controller.key").toString());
    }

    private static String url(Cli.Running controller) throws Exception {
        Matcher ready = READY.matcher(controller.awaitOut("controller ready").out());
        assertThat(ready.find()).isTrue();
        return "https://127.0.0.1:" + ready.group(1);
    }

    private static Result run(List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));
        return new Result(code, out.toString(), err.toString());
    }

    /** A command to the active controller. */
    private static Result as(String name, String... words) {
        return at(active, name, words);
    }

    private static Result at(String urls, String name, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--controller", urls, "--ca", ca.toString()));
        all.addAll(List.of("--token-file", String.valueOf(TOKENS.get(name))));
        return run(all);
    }

    private static void refused(Result result, int code, String... words) {
        assertThat(result.code()).as(result.toString()).isEqualTo(code);
        assertThat(result.err()).startsWith("aliquot: ").hasLineCount(1).contains(words);
    }

    @Test
    @Order(1)
    void aViewerReadsEverythingAndChangesNothing() {
        assertThat(as("grafana", "tenants", "list").out()).contains("lab", "train", "shop");
        assertThat(as("grafana", "explain", "shop").code()).isZero();
        refused(
                as("grafana", "tenants", "set", "shop", "--weight", "9"),
                2,
                "'shop' needs role operator, or tenant of what it is in; this is token 'grafana' (viewer)");
        refused(as("grafana", "tenants", "speed", "a=b=50%"), 2, "to change the cluster needs role operator");
    }

    @Test
    @Order(2)
    void aTenantDividesItsOwnAndDoesNotSeeItsNeighbour() throws Exception {
        assertThat(as("lab-lead", "tenants", "set", "lab/train", "--weight", "3", "--floor", "20%")
                        .out())
                .contains("tenant lab/train", "weight 3", "floor 20%");
        assertThat(as("grafana", "tenants", "get", "lab/train", "--output", "json")
                        .out())
                .contains("\"changedBy\":\"token:lab-lead\"");
        assertThat(as("lab-lead", "tenants", "list").out()).contains("lab").doesNotContain("shop");
        assertThat(as("lab-lead", "explain", "lab").out())
                .contains("lab is entitled")
                .doesNotContain("shop");
        assertThat(as("lab-lead", "report", "--format", "json").code()).isZero();

        refused(as("lab-lead", "tenants", "get", "shop"), 2, "tenant 'shop' needs role viewer or operator");
        refused(as("lab-lead", "tenants", "get", "not-there"), 2, "tenant 'not-there' needs role viewer or operator");
        refused(as("lab-lead", "explain", "shop"), 2, "this is token 'lab-lead' (tenant of lab)");
        refused(as("lab-lead", "tenants", "set", "shop", "--weight", "1"), 2, "'shop' needs role operator");
        refused(as("lab-lead", "tenants", "set", "lab", "--weight", "100"), 2, "what 'lab' has itself needs role");
        refused(as("lab-lead", "tenants", "set", "lab/new", "--weight", "1"), 2, "to make tenant 'lab/new'");
        refused(as("lab-lead", "tenants", "remove", "lab/train"), 2, "to remove tenant 'lab/train'");
        refused(as("lab-lead", "tenants", "set", "lab/train", "--memory", "0"), 2, "memoryLimitBytes needs role");
        Path policy = Files.writeString(dir.resolve("policy.json"), "{\"tenants\":[{\"tenant\":\"lab\"}]}");
        refused(as("lab-lead", "what-if", "--policy", policy.toString()), 2, "what-if needs role operator");
        assertThat(as("ops", "what-if", "--policy", policy.toString()).code()).isZero();
    }

    @Test
    @Order(3)
    void whatIsWrongIsToldWithWhatToDo() throws Exception {
        Path wrong = dir.resolve("wrong.token");
        assertThat(run(List.of("token", "new", "--name", "x", "--role", "operator", "--save", wrong.toString()))
                        .code())
                .isZero();
        List<String> list = List.of("tenants", "list", "--controller", active);
        refused(with(list, "--ca", ca), 2, "this needs a token", "--token-file FILE or $ALIQUOT_TOKEN_FILE");
        refused(with(list, "--ca", ca, "--token-file", wrong), 2, "is not known here", "check " + wrong);
        refused(with(list, "--token-file", wrong), 4, "no TLS with " + active, "PKIX", "--ca FILE");
        refused(with(list, "--ca", otherCa, "--token-file", wrong), 4, "no TLS with " + active, "--ca FILE");
        String plain = active.replace("https:", "http:");
        refused(
                run(List.of("tenants", "list", "--controller", plain)),
                4,
                plain + " closed the connection without an answer",
                "use " + active);
        String named = active.replace("127.0.0.1", "localhost");
        refused(
                with(List.of("tenants", "list", "--controller", named), "--ca", ca, "--token-file", wrong),
                4,
                "no TLS with " + named,
                "name the controller as its certificate does");
    }

    private static Result with(List<String> words, Object... more) {
        List<String> all = new ArrayList<>(words);
        for (Object word : more) {
            all.add(word.toString());
        }
        return run(all);
    }

    private static HttpResponse<String> get(String url, String... header) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10));
        if (header.length > 0) {
            request.headers(header);
        }
        try (HttpClient http =
                HttpClient.newBuilder().sslContext(TestCa.trusting(ca)).build()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String bearer(String name) throws Exception {
        return "Bearer " + Files.readString(TOKENS.get(name)).strip();
    }

    @Test
    @Order(4)
    void onlyHealthIsOpen() throws Exception {
        assertThat(get(active + "/healthz").statusCode()).isEqualTo(200);
        assertThat(get(standby + "/readyz").body()).contains("\"active\":\"first\"");
        for (String page : List.of("/metrics", "/v1/tenants", "/v1/nothing")) {
            HttpResponse<String> answer = get(active + page);
            assertThat(answer.statusCode()).as(page).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"aliquot\"");
        }
        assertThat(get(active + "/metrics", "Authorization", bearer("grafana")).body())
                .contains("aliquot_controller_active 1.0");
        assertThat(get(active + "/metrics", "Authorization", bearer("lab-lead")).statusCode())
                .isEqualTo(403);
    }

    @Test
    @Order(5)
    void anAgentShowsItsNodeToViewers() throws Exception {
        Path natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("libaliquot-node.so")), natives + " has no libaliquot-node.so");
        AgentConfig config = AgentConfig.of(
                        "gpu-17", broker.bootstrapServers(), dir.resolve("run"), dir.resolve("state"), natives)
                .withGpu(GpuMode.SIM)
                .withHttp("0.0.0.0", 0, guard());
        try (Agent agent = Agent.start(config)) {
            String url = "https://127.0.0.1:" + agent.httpPort();
            assertThat(get(url + "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(url + "/metrics").statusCode()).isEqualTo(401);
            assertThat(get(url + "/metrics", "Authorization", bearer("grafana")).body())
                    .contains("aliquot_gpu_up");
            HttpResponse<String> refused = get(url + "/v1/usage", "Authorization", bearer("lab-lead"));
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("this is token 'lab-lead' (tenant of lab)");
        }
    }

    @Test
    @Order(6)
    void aTokenComesAndGoesWithoutARestart() throws Exception {
        token("intern", "--role", "viewer");
        await().atMost(Duration.ofSeconds(15))
                .until(() -> as("intern", "tenants", "list").code() == 0);
        Files.writeString(
                tokenFile,
                Files.readString(tokenFile)
                        .lines()
                        .filter(line -> !line.startsWith("intern"))
                        .reduce("", (all, line) -> all + line + "\n"));
        await().atMost(Duration.ofSeconds(15))
                .until(() -> as("intern", "tenants", "list").code() == 2);
    }

    /** Both controllers have the same files; only the one that is a process is asked. */
    @Test
    @Order(7)
    void aRenewedCertificateIsShownWithoutARestart() throws Exception {
        Path renewed = authority.server("renewed");
        // A certificate that waits for its key changes nothing.
        Files.move(renewed, certificate, StandardCopyOption.REPLACE_EXISTING);
        await().atMost(Duration.ofSeconds(15))
                .until(() -> first.err().contains("controller.key is not the key of the first certificate"));
        assertThat(get(active + "/healthz")
                        .sslSession()
                        .orElseThrow()
                        .getPeerPrincipal()
                        .getName())
                .isEqualTo("CN=controller");
        Files.move(dir.resolve("renewed.key"), dir.resolve("controller.key"), StandardCopyOption.REPLACE_EXISTING);
        await().atMost(Duration.ofSeconds(15))
                .until(
                        () -> get(active + "/healthz")
                                .sslSession()
                                .orElseThrow()
                                .getPeerPrincipal()
                                .getName(),
                        "CN=renewed"::equals);
    }

    @Test
    @Order(8)
    void ofSeveralTheActiveOneIsFoundAlsoAfterAFailover() throws Exception {
        refused(at(standby, "ops", "tenants", "set", "shop", "--weight", "2"), 4, "stands by", "--controller URL,URL");
        String both = standby + "," + active;
        assertThat(at(both, "ops", "tenants", "set", "shop", "--weight", "2").err())
                .isEmpty();
        first.signal("TERM");
        assertThat(at(both, "ops", "tenants", "set", "shop", "--weight", "3").err())
                .isEmpty();
        assertThat(at(standby, "grafana", "tenants", "get", "shop").out()).contains("weight 3");
    }

    @Test
    @Order(9)
    void noTokenIsInALog() throws Exception {
        String logs = first.err() + first.out();
        assertThat(logs).contains("--http-tokens " + tokenFile + " changed");
        for (Path token : TOKENS.values()) {
            assertThat(logs).doesNotContain(Files.readString(token).strip());
        }
    }
}
