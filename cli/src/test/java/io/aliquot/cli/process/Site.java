package io.aliquot.cli.process;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.aliquot.cli.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three brokers, two controllers, and agents with two tenants each, every one a process on a host of its own. Started in this
 * order, killed at the end. One thread starts and stops; any may ask.
 */
final class Site implements AutoCloseable {
    static final int BROKERS = 3;
    /** Of tenant a, which has weight 1 beside b's 3; permille of a GPU, hard. */
    static final int CEILING_PERMILLE = 400;

    private static final String CLUSTER_ID = "QWxpcXVvdENoYW9zTGFiMQ";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path dir = Jvm.newFolder();
    private final Path natives = Jvm.natives();
    private final Network network;
    private final List<Proc> procs = new ArrayList<>();
    private final Thread end = new Thread(this::killAll);
    private final List<Part> brokers = new ArrayList<>();
    private final List<Part> controllers = new ArrayList<>();
    private final List<Part> agents = new ArrayList<>();
    private final List<Tenant> tenants = new ArrayList<>();

    /** A process and what is known of it; of a restarted one the process is the newest. */
    static final class Part {
        private final Network.Host host;
        private final int port;
        private volatile Proc proc;

        private Part(Network.Host host, int port) {
            this.host = host;
            this.port = port;
        }

        String name() {
            return host.name();
        }

        Network.Host host() {
            return host;
        }

        Proc proc() {
            return proc;
        }

        String address() {
            return host.address() + ":" + port;
        }
    }

    Site(Network network) {
        this.network = network;
        Runtime.getRuntime().addShutdownHook(end);
        HttpURLConnection.setFollowRedirects(false);
        System.setProperty("http.keepAlive", "false"); // a connection would be kept for another host of the same name
    }

    /** @param nodes how many agents, each with one simulated GPU */
    void start(int nodes) throws Exception {
        List<Integer> raftPorts = new ArrayList<>();
        for (int i = 1; i <= BROKERS; i++) {
            brokers.add(new Part(network.host("broker" + i), Ports.free()));
            raftPorts.add(Ports.free());
        }
        for (int i = 0; i < BROKERS; i++) {
            Files.write(dir.resolve(brokers.get(i).name() + ".properties"), settings(i, raftPorts));
            startBroker(brokers.get(i));
        }
        brokers.forEach(broker -> broker.proc().awaitOut(Cluster.READY));
        for (String name : List.of("east", "west")) {
            controllers.add(new Part(network.host(name), Ports.free()));
            startController(controllers.getLast());
        }
        for (int i = 1; i <= nodes; i++) {
            agents.add(new Part(network.host("node" + i), Ports.free()));
            startAgent(agents.getLast());
        }
        controllers.forEach(controller -> controller.proc().awaitOut(Cluster.READY));
        put("a", "{\"weight\":1,\"ceilingPermille\":" + CEILING_PERMILLE + ",\"hardCeiling\":true}");
        put("b", "{\"weight\":3}");
        agents.forEach(agent -> await(agent.name()).atMost(Proc.PATIENCE).until(() -> inForce(agent, "b") > 0));
        for (Part agent : agents) {
            for (String tenant : List.of("a", "b")) {
                tenants.add(startTenant(agent, tenant));
            }
        }
        tenants.forEach(Tenant::awaitAtWork);
    }

    /** A broker's folder; before its first start one may be mounted there. */
    Path folder(int broker) {
        return dir.resolve("broker" + (broker + 1));
    }

    private List<String> settings(int index, List<Integer> raftPorts) {
        Part broker = brokers.get(index);
        String listeners = "PLAINTEXT://" + broker.address() + ",CONTROLLER://"
                + broker.host().address() + ":" + raftPorts.get(index);
        String voters = IntStream.range(0, BROKERS)
                .mapToObj(i -> (i + 1) + "@" + brokers.get(i).host().address() + ":" + raftPorts.get(i))
                .collect(Collectors.joining(","));
        return List.of(
                "process.roles=broker,controller",
                "node.id=" + (index + 1),
                "log.dirs=" + folder(index),
                "listeners=" + listeners,
                "controller.listener.names=CONTROLLER",
                "controller.quorum.voters=" + voters,
                "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                "broker.heartbeat.interval.ms=500",
                "broker.session.timeout.ms=3000", // by default 9000: so long nobody leads what a killed broker led
                "offsets.topic.num.partitions=1",
                "transaction.state.log.num.partitions=1",
                "transaction.state.log.replication.factor=3",
                "transaction.state.log.min.isr=2",
                "offsets.topic.replication.factor=3",
                "auto.create.topics.enable=false",
                "num.network.threads=2",
                "num.io.threads=2",
                "log.cleaner.dedupe.buffer.size=2097152");
    }

    // ---- the parts ----

    void startBroker(Part broker) {
        startBroker(broker, Map.of());
    }

    void startBroker(Part broker, Map<String, String> environment) {
        List<String> command = Jvm.command(natives, RaftBroker.class.getName());
        command.addAll(List.of(dir.resolve(broker.name() + ".properties").toString(), CLUSTER_ID));
        start(broker, environment, command);
    }

    void startController(Part controller) {
        startController(controller, Map.of());
    }

    void startController(Part controller, Map<String, String> environment) {
        List<String> command = main("controller", "--kafka", kafka(), "--holder", controller.name());
        command.addAll(List.of("--http-port", Integer.toString(controller.port)));
        start(controller, environment, command);
    }

    void startAgent(Part agent) {
        startAgent(agent, Map.of());
    }

    void startAgent(Part agent, Map<String, String> environment) {
        List<String> command = main("agent", "--gpu", "sim", "--kafka", kafka(), "--node", agent.name());
        command.addAll(List.of("--state", dir.resolve(agent.name() + "-state").toString()));
        command.addAll(List.of("--run-dir", runDir(agent).toString()));
        command.addAll(List.of("--http-port", Integer.toString(agent.port)));
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(simulation(agent));
        start(agent, all, command);
    }

    private Tenant startTenant(Part agent, String tenant) {
        List<String> command =
                new ArrayList<>(List.of(natives.resolve("aliquot-run").toString(), "--tenant", tenant));
        command.addAll(List.of("--run-dir", runDir(agent).toString(), "--"));
        command.addAll(List.of(natives.resolve("aliquot-tenant").toString(), "--name", tenant, "--kernel", "1ms"));
        command.addAll(List.of("--interval", "250ms"));
        String name = agent.name() + "-" + tenant;
        return new Tenant(name, other(name, simulation(agent), command));
    }

    private List<String> main(String... arguments) {
        List<String> command = Jvm.command(natives, "io.aliquot.cli.Main");
        command.addAll(List.of(arguments));
        return command;
    }

    private Path runDir(Part agent) {
        return dir.resolve(agent.name());
    }

    private Map<String, String> simulation(Part agent) {
        return Map.of("ALIQUOT_SIM", dir.resolve(agent.name() + "-sim").toString());
    }

    private void start(Part part, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>(part.host().prefix());
        all.addAll(command);
        part.proc = other(part.name(), environment, all);
    }

    /** Any other process, ended with the site. */
    Proc other(String name, Map<String, String> environment, List<String> command) {
        synchronized (procs) {
            Proc proc = Proc.start(procs.size() + "-" + name, dir, environment, command);
            procs.add(proc);
            return proc;
        }
    }

    Path dir() {
        return dir;
    }

    Network network() {
        return network;
    }

    List<Part> brokers() {
        return brokers;
    }

    List<Part> controllers() {
        return controllers;
    }

    List<Part> agents() {
        return agents;
    }

    /** a and b of the first agent, of the second, and so on. */
    List<Tenant> tenants() {
        return tenants;
    }

    String kafka() {
        return brokers.stream().map(Part::address).collect(Collectors.joining(","));
    }

    // ---- what they answer ----

    /** An answer: its status, 0 for none, and its JSON. */
    record Answer(int status, JsonNode json) {
        static final Answer NONE = new Answer(0, MissingNode.getInstance());
    }

    Answer get(Part part, String path) {
        return call(part, "GET", path, "", Duration.ofMillis(500));
    }

    /** Asks a process on its own host, so that a pulled cable keeps nobody from looking. */
    Answer call(Part part, String method, String path, String body, Duration patience) {
        try {
            return Network.on(part.host(), () -> {
                HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + part.port + path)
                        .toURL()
                        .openConnection();
                connection.setConnectTimeout((int) patience.toMillis());
                connection.setReadTimeout((int) patience.toMillis());
                connection.setRequestMethod(method);
                if (!body.isEmpty()) {
                    connection.setDoOutput(true);
                    connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
                }
                int status = connection.getResponseCode();
                try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                    return new Answer(status, in == null ? MissingNode.getInstance() : JSON.readTree(in));
                } finally {
                    connection.disconnect();
                }
            });
        } catch (IOException away) {
            return Answer.NONE;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** @return the controllers that say that they are the active one, at most one of them rightly */
    List<Part> active() {
        return controllers.stream().filter(this::isActive).toList();
    }

    boolean isActive(Part controller) {
        return "active".equals(get(controller, "/readyz").json().path("role").asText());
    }

    Part awaitActive() {
        await("a controller is active").atMost(Proc.PATIENCE).until(() -> active().size() == 1);
        return active().getFirst();
    }

    /** Sets a tenant by whichever controller takes it. @return the quota */
    JsonNode put(String tenant, String quota) {
        return await("tenant " + tenant + " is " + quota)
                .atMost(Proc.PATIENCE)
                .until(
                        () -> controllers.stream()
                                .map(c -> call(c, "PUT", "/v1/tenants/" + tenant, quota, Duration.ofSeconds(5)))
                                .filter(answer -> answer.status() == 200)
                                .findFirst()
                                .orElse(Answer.NONE),
                        answer -> answer.status() == 200)
                .json();
    }

    /** The version of a tenant's quota that an agent has in force; 0 when it says none. */
    long inForce(Part agent, String tenant) {
        for (JsonNode here : get(agent, "/v1/usage").json().path("gpus").path(0).path("tenants")) {
            if (here.path("tenant").asText().equals(tenant)) {
                return here.path("quotaVersion").asLong();
            }
        }
        return 0;
    }

    // ---- its end ----

    /** What each of them said last. */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder("what the processes said\n");
        synchronized (procs) {
            procs.forEach(all::append);
        }
        return all.toString();
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
        network.close();
    }
}
