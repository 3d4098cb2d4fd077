package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.cli.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A broker, a controller, an agent and tenants, each a process of its own, on one simulated GPU. As a static field
 * of a test it lives as long as the class; then everything that it started is killed and its folder goes. A failure
 * carries what every process said.
 */
final class Cluster implements AfterAllCallback, TestExecutionExceptionHandler, AutoCloseable {
    static final Pattern READY = Pattern.compile("ready: .*\n");

    private final Path dir = Jvm.newFolder();
    private final Path natives = Jvm.natives();
    private final List<Proc> procs = new ArrayList<>();
    private final Thread end = new Thread(this::killAll);
    private final int brokerPort = Ports.free();
    private final int controllerPort = Ports.free();
    private final int agentPort = Ports.free();
    private final Answers answers = new Answers("127.0.0.1:" + brokerPort, controllerPort, agentPort);
    private @Nullable Proc broker;
    private @Nullable Proc controller;
    private @Nullable Proc agent;

    Cluster() {
        Runtime.getRuntime().addShutdownHook(end);
    }

    // ---- the parts ----

    /** Starts broker, controller and agent where they are not running, and waits until they serve. */
    void start() {
        if (broker == null || !broker.alive()) {
            startBroker();
        }
        Proc runningController = controller;
        if (runningController == null || !runningController.alive()) {
            runningController = beginController();
        }
        Proc runningAgent = agent;
        if (runningAgent == null || !runningAgent.alive()) {
            runningAgent = startAgent();
        }
        runningController.awaitOut(READY);
        runningAgent.awaitOut(READY);
    }

    Proc startBroker() {
        Proc started = java(
                "broker",
                "broker",
                "--state",
                dir.resolve("broker").toString(),
                "--port",
                Integer.toString(brokerPort));
        broker = started;
        started.awaitOut(READY);
        return started;
    }

    Proc startController() {
        Proc started = beginController();
        started.awaitOut(READY);
        return started;
    }

    private Proc beginController() {
        Proc started =
                java("controller", "controller", "--kafka", kafka(), "--http-port", Integer.toString(controllerPort));
        controller = started;
        return started;
    }

    /** Does not wait: with the broker away the agent says only after some seconds that it is ready. */
    Proc startAgent() {
        return startAgent(natives);
    }

    /** The same, with the native parts of another build. */
    Proc startAgent(Path otherNatives) {
        Proc started = agent(otherNatives, "node", dir.resolve("state"), runDir(), agentPort);
        agent = started;
        return started;
    }

    Proc broker() {
        return Objects.requireNonNull(broker);
    }

    Proc controller() {
        return Objects.requireNonNull(controller);
    }

    Proc agent() {
        return Objects.requireNonNull(agent);
    }

    /** Ends everything but broker, controller and agent. */
    void endTenants() {
        procs.stream()
                .filter(proc -> proc != broker && proc != controller && proc != agent)
                .forEach(Proc::close);
    }

    /** Another agent than the cluster's own. */
    Proc agent(String node, Path state, Path runDir, int httpPort) {
        return agent(natives, node, state, runDir, httpPort);
    }

    private Proc agent(Path its, String node, Path state, Path runDir, int httpPort) {
        List<String> options = new ArrayList<>(List.of("agent", "--gpu", "sim", "--kafka", kafka(), "--node", node));
        options.addAll(List.of("--state", state.toString(), "--run-dir", runDir.toString()));
        options.addAll(List.of("--http-port", Integer.toString(httpPort)));
        return java(its, "agent-" + node, Map.of(), options.toArray(String[]::new));
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
        return java(natives, name, Map.of(), arguments);
    }

    /** The same, with more in its environment. */
    Proc java(String name, Map<String, String> environment, String... arguments) {
        return java(natives, name, environment, arguments);
    }

    private Proc java(Path its, String name, Map<String, String> environment, String... arguments) {
        List<String> command = Jvm.command(its, "io.aliquot.cli.Main");
        command.addAll(List.of(arguments));
        return start(name, environment, command);
    }

    /** Has {@code aliquot tenants …} done. @return what it said */
    String tenants(String... words) {
        List<String> all = new ArrayList<>(List.of("tenants"));
        all.addAll(List.of(words));
        all.addAll(List.of("--controller", controllerUrl()));
        Proc proc = java("tenants", all.toArray(String[]::new));
        Proc.Result result = proc.awaitEnd();
        assertThat(result.code()).as(proc.toString()).isZero();
        return result.out();
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

    /** Asks them. */
    Answers ask() {
        return answers;
    }

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

    // ---- its life ----

    @Override
    public void afterAll(ExtensionContext context) {
        close();
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
}
