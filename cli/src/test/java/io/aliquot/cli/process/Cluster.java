package io.aliquot.cli.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A broker, a controller, an agent and tenants, each a process of its own, on one simulated GPU. As a field of a test it
 * lives for that test, as a static field for the class; then everything that it started is killed and its folder goes. A
 * failure carries what every process said.
 */
final class Cluster
        implements BeforeAllCallback,
                AfterAllCallback,
                AfterEachCallback,
                TestExecutionExceptionHandler,
                AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private static final Pattern READY = Pattern.compile("ready: .*\n");

    private final Path dir = newFolder();
    private final Path natives = natives();
    private final List<Proc> procs = new ArrayList<>();
    private final Thread end = new Thread(this::killAll);
    private final int brokerPort = freePort();
    private final int controllerPort = freePort();
    private final int agentPort = freePort();
    private boolean ofClass;

    Cluster() {
        Runtime.getRuntime().addShutdownHook(end);
    }

    // ---- the parts ----

    Proc startBroker() {
        Proc broker = java(
                "broker",
                "broker",
                "--state",
                dir.resolve("broker").toString(),
                "--port",
                Integer.toString(brokerPort));
        broker.awaitOut(READY);
        return broker;
    }

    Proc startController() {
        Proc controller =
                java("controller", "controller", "--kafka", kafka(), "--http-port", Integer.toString(controllerPort));
        controller.awaitOut(READY);
        return controller;
    }

    /** Does not wait: with the broker away the agent says only after some seconds that it is ready. */
    Proc startAgent() {
        return agent("agent", dir.resolve("state"), runDir(), agentPort);
    }

    /** Another agent than the cluster's own, or that one with something wrong. */
    Proc agent(String name, Path state, Path runDir, int httpPort, String... more) {
        List<String> options = new ArrayList<>(List.of(
                "agent",
                "--kafka",
                kafka(),
                "--node",
                name,
                "--state",
                state.toString(),
                "--run-dir",
                runDir.toString(),
                "--http-port",
                Integer.toString(httpPort)));
        options.addAll(more.length == 0 ? List.of("--gpu", "sim") : List.of(more));
        return java(name, options.toArray(String[]::new));
    }

    /** Starts a program under the limiter. */
    Proc under(String tenant, String name, String... command) {
        List<String> all = new ArrayList<>(
                List.of(program("aliquot-run"), "--tenant", tenant, "--run-dir", runDir().toString(), "--"));
        all.addAll(List.of(command));
        return start(name, Map.of(), all);
    }

    /** Starts a tenant's program, and waits until it has GPU time. */
    Tenant tenant(String tenant, String... options) {
        List<String> command =
                new ArrayList<>(List.of(program("aliquot-tenant"), "--name", tenant, "--kernel", "200us"));
        command.addAll(List.of("--interval", "100ms", "--seconds", "110"));
        command.addAll(List.of(options));
        Tenant started = new Tenant(tenant, under(tenant, tenant, command.toArray(String[]::new)));
        started.awaitAtWork();
        return started;
    }

    /** Starts {@code aliquot …}. */
    Proc java(String name, String... arguments) {
        return java(name, Map.of(), arguments);
    }

    /** The same, with more in its environment. */
    Proc java(String name, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-Daliquot.native=" + natives, "-cp", classPath(), "io.aliquot.cli.Main"));
        command.addAll(List.of(arguments));
        return start(name, environment, command);
    }

    /** Starts anything else. */
    Proc start(String name, Map<String, String> environment, List<String> command) {
        Map<String, String> all =
                new HashMap<>(Map.of("ALIQUOT_SIM", dir.resolve("sim").toString()));
        all.putAll(environment);
        Proc proc = Proc.start(procs.size() + "-" + name, dir, all, command);
        synchronized (procs) {
            procs.add(proc);
        }
        return proc;
    }

    // ---- where they are ----

    Path dir() {
        return dir;
    }

    Path runDir() {
        return dir.resolve("run");
    }

    Path socket() {
        return runDir().resolve("sock/agent.sock");
    }

    /** A program in C, as built. */
    String program(String name) {
        return natives.resolve(name).toString();
    }

    Path nativeDir() {
        return natives;
    }

    String kafka() {
        return "127.0.0.1:" + brokerPort;
    }

    int brokerPort() {
        return brokerPort;
    }

    int controllerPort() {
        return controllerPort;
    }

    int agentPort() {
        return agentPort;
    }

    String controllerUrl() {
        return "http://127.0.0.1:" + controllerPort;
    }

    // ---- what they answer ----

    /** Makes or changes a tenant, as soon as the controller can. */
    void set(String tenant, String quota) {
        await("tenant " + tenant + " is " + quota).atMost(Proc.PATIENCE).until(() -> put(tenant, quota) == 200);
    }

    private int put(String tenant, String quota) {
        return send(HttpRequest.newBuilder(URI.create(controllerUrl() + "/v1/tenants/" + tenant))
                        .PUT(BodyPublishers.ofString(quota)))
                .statusCode();
    }

    /** Every quota, as the controller has it. */
    JsonNode quotas() {
        return json(controllerPort, "/v1/tenants");
    }

    /** One quota, as the controller has it; missing when there is none or no answer. */
    JsonNode quota(String tenant) {
        return json(controllerPort, "/v1/tenants/" + tenant);
    }

    /** A tenant's last interval, as the agent tells; missing when it doesn't. */
    JsonNode usage(String tenant) {
        for (JsonNode here : json(agentPort, "/v1/usage").path("gpus").path(0).path("tenants")) {
            if (here.path("tenant").asText().equals(tenant)) {
                return here;
            }
        }
        return MissingNode.getInstance();
    }

    /** The sum of the agent's series of this name, of one tenant when one is named. */
    double metric(String name, String tenant) {
        return get(agentPort, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> tenant.isEmpty() || line.contains("tenant=\"" + tenant + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    boolean agentHealthy() {
        return get(agentPort, "/healthz").statusCode() == 200;
    }

    /** Waits until the agent has this weight in force. */
    void awaitWeight(String tenant, int weight) {
        await(tenant + " has weight " + weight)
                .atMost(Proc.PATIENCE)
                .until(() -> usage(tenant).path("weight").asInt() == weight);
    }

    private static JsonNode json(int port, String path) {
        try {
            HttpResponse<String> answer = get(port, path);
            return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : MissingNode.getInstance();
        } catch (UncheckedIOException away) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<String> get(int port, String path) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    // ---- its life ----

    @Override
    public void beforeAll(ExtensionContext context) {
        ofClass = true;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!ofClass) {
            close();
        }
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        StringBuilder all = new StringBuilder("what the processes said\n");
        procs.forEach(all::append);
        Throwable said = new Throwable(all.toString());
        said.setStackTrace(new StackTraceElement[0]);
        failure.addSuppressed(said);
        throw failure;
    }

    @Override
    public void close() {
        killAll();
        Runtime.getRuntime().removeShutdownHook(end);
        try (var files = Files.walk(dir)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void killAll() {
        synchronized (procs) {
            procs.reversed().forEach(Proc::close);
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory(Path.of("/tmp"), "aliquot-it-"); // short: it holds a socket
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reactor's build always has them; a lone run of this module may not. */
    private static Path natives() {
        Path natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("aliquot-run")), natives + " has no aliquot-run");
        return natives;
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Below the ports that the kernel hands out itself, so that nobody takes one while its owner is dead. */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(15_000, 30_000);
            try (ServerSocket probe = new ServerSocket()) {
                probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException taken) {
                continue;
            }
        }
    }
}
