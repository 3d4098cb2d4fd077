package io.aliquot.agent.app;

import io.aliquot.agent.api.AgentMetrics;
import io.aliquot.agent.api.HttpApi;
import io.aliquot.agent.guard.Guard;
import io.aliquot.agent.link.AckLink;
import io.aliquot.agent.link.DecisionLink;
import io.aliquot.agent.link.DecisionStore;
import io.aliquot.agent.link.TelemetryLink;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.GpuFault;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.Inventory;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.node.Node;
import io.aliquot.agent.node.NodeException;
import io.aliquot.agent.nvml.Nvml;
import io.aliquot.schema.kafka.KafkaRefusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's agent: it serves tenants on the node's socket, reports what they use, and puts decisions in force. Any thread
 * may call. Without a broker it starts all the same, on the last decision it kept; see {@link #awaitBroker}.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration BROKER_POLL = Duration.ofMillis(50);

    private final AgentConfig config;
    private final Closer closer;
    private final List<GpuInfo> gpus;
    private final Node node;
    private final Enforcer enforcer;
    private final DecisionLink decisions;
    private final HttpApi http;
    private final CountDownLatch ended = new CountDownLatch(1);

    private Agent(AgentConfig config, Closer closer) throws AgentException {
        this.config = config;
        this.closer = closer;
        makeFolder("state folder", config.stateDir());
        Nvml nvml = closer.add(GpuChoice.open(config.gpu(), config.simulatedGpus(), config.nativeDir()));
        nvml.leftOut().forEach(fault -> LOG.error("GPU {} is not served: {}", fault.gpuIndex(), fault.reason()));
        this.gpus = nvml.gpus();
        this.node = closer.add(openNode(config, gpus));
        AgentStatus status = new AgentStatus(config, node);
        AgentMetrics metrics = new AgentMetrics(config.node(), status);
        DecisionStore store = closer.add(DecisionStore.open(config.stateDir()));
        AckLink acks = closer.add(AckLink.start(config.kafka(), config.node()));
        Inventory inventory = inventory(nvml);
        acks.offer(inventory);
        this.enforcer = new Enforcer(guard(), node::apply, metrics.apply(), store::save, applied -> {
            metrics.applied(applied);
            acks.offer(applied);
        });
        restore(store, enforcer);
        TelemetryLink telemetry = closer.add(TelemetryLink.start(config.kafka(), config.node()));
        this.decisions = closer.add(
                DecisionLink.start(config.kafka(), config.node(), batch -> enforcer.offer(batch, System.nanoTime())));
        AgentLoop loop = closer.add(new AgentLoop(
                config,
                nvml,
                node,
                enforcer,
                metrics,
                telemetry::offer,
                faults -> acks.offer(inventory.withFaults(reasons(faults)))));
        status.observe(new AgentStatus.Parts(loop, enforcer, telemetry, decisions, acks));
        loop.start();
        this.http = closer.add(listen(config, status, metrics));
    }

    /**
     * Starts an agent.
     *
     * @throws AgentException no GPU, a live agent in the run folder, a taken port, a native library of another build, a
     *     folder that can't be written: what was started is closed again
     */
    public static Agent start(AgentConfig config) throws AgentException {
        Closer closer = new Closer();
        try {
            Agent agent = new Agent(config, closer);
            LOG.info(
                    "node {} serves {} GPU(s){} in {}",
                    config.node(),
                    agent.gpus.size(),
                    agent.simulated() ? " (simulated)" : "",
                    config.runDir());
            return agent;
        } catch (AgentException | RuntimeException | Error failure) {
            closer.close();
            throw failure;
        }
    }

    private Inventory inventory(Nvml nvml) {
        String version = Agent.class.getPackage().getImplementationVersion();
        return new Inventory(
                config.node(),
                version == null ? "development" : version,
                nvml.driverVersion(),
                System.currentTimeMillis(),
                config.labels(),
                gpus,
                Map.of());
    }

    private static Map<Integer, String> reasons(List<GpuFault> faults) {
        return faults.stream().collect(Collectors.toMap(GpuFault::gpuIndex, GpuFault::reason));
    }

    private Guard guard() {
        return new Guard(
                config.node(), gpus.stream().map(GpuInfo::uuid).collect(Collectors.toSet()), Guard.STATIC_AFTER);
    }

    private static void restore(DecisionStore store, Enforcer enforcer) {
        Optional<Decision> last = store.load();
        if (last.isPresent()) {
            enforcer.restore(last.get(), System.nanoTime());
        } else {
            LOG.info("no decision was kept: no tenant has a quota until the controller is heard");
        }
    }

    private static Node openNode(AgentConfig config, List<GpuInfo> gpus) throws AgentException {
        makeFolder("run folder", config.runDir());
        try {
            return Node.open(config.nativeDir().resolve("libaliquot-node.so"), config.runDir(), gpus);
        } catch (NodeException taken) {
            if (taken.errno() == NodeException.EADDRINUSE) {
                throw new AgentException(
                        "run folder " + config.runDir() + " belongs to a live agent",
                        "stop that one or choose another --run-dir",
                        taken);
            }
            throw new AgentException(
                    "the node can't be opened in " + config.runDir() + ": " + taken.getMessage(),
                    "see that the folder may be written and that agent and libraries are of one build",
                    taken);
        }
    }

    private static void makeFolder(String what, Path folder) throws AgentException {
        try {
            Files.createDirectories(folder);
        } catch (IOException unable) {
            throw new AgentException(
                    what + " " + folder + " can't be made: " + unable, "choose a folder that may be written", unable);
        }
        if (!Files.isWritable(folder)) {
            throw new AgentException(what + " " + folder + " can't be written", "choose another or change its owner");
        }
    }

    private static HttpApi listen(AgentConfig config, AgentStatus status, AgentMetrics metrics) throws AgentException {
        try {
            return HttpApi.start(config.httpHost(), config.httpPort(), config.guard(), status, metrics);
        } catch (IOException unable) {
            throw new AgentException(
                    "can't listen on " + config.httpHost() + ":" + config.httpPort() + ": " + unable.getMessage(),
                    "choose another port; 0 takes a free one",
                    unable);
        }
    }

    /**
     * Waits until a broker has answered; for a caller that wants no agent without one.
     *
     * @throws AgentException when none has answered within the time, or one refused this agent; the agent goes on, and may be closed
     */
    public void awaitBroker(Duration within) throws AgentException, InterruptedException {
        long startNs = System.nanoTime();
        while (!decisions.brokerReached()) {
            Optional<KafkaRefusal> refusal = decisions.refusal();
            if (refusal.isPresent()) {
                throw new AgentException(refusal.get().problem(), refusal.get().fix());
            }
            if (System.nanoTime() - startNs > within.toNanos()) {
                throw new AgentException(
                        "no broker answered at " + config.bootstrapServers() + " within " + within.toSeconds() + " s",
                        "start Kafka there or name another with --kafka; one that wants TLS or a login needs --kafka-config FILE");
            }
            Thread.sleep(BROKER_POLL);
        }
    }

    /** @return the port of /metrics, /healthz, /readyz and /v1/usage */
    public int httpPort() {
        return http.port();
    }

    /** @return whether the GPUs are simulated */
    public boolean simulated() {
        return gpus.stream().anyMatch(GpuInfo::simulated);
    }

    /** @return the node's GPUs, fixed while the agent runs */
    public List<GpuInfo> gpus() {
        return gpus;
    }

    /** @return the tenants' cumulative figures now, straight from the node and independent of the loop's interval */
    public NodeSnapshot snapshot() {
        return node.snapshot();
    }

    /**
     * @return the decision that was last put in force, as it was decided; {@link NodeSnapshot#appliedAtNs} of a snapshot taken
     *     after it is known is not earlier than this one's. Nothing before the first
     */
    public Optional<Decision> decision() {
        return enforcer.state().last();
    }

    /** Waits until the agent is closed. */
    public void awaitTermination() throws InterruptedException {
        ended.await();
    }

    /** Ends every part, in reverse order of the start. Tenants go on at their fallback shares. */
    @Override
    public synchronized void close() {
        closer.close();
        ended.countDown();
    }
}
