package io.aliquot.agent.app;

import io.aliquot.agent.api.AgentMetrics;
import io.aliquot.agent.guard.GuardState;
import io.aliquot.agent.metering.Meter;
import io.aliquot.agent.model.GpuFault;
import io.aliquot.agent.model.GpuReadings;
import io.aliquot.agent.model.NodeLabels;
import io.aliquot.agent.model.NodeSnapshot;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.node.Node;
import io.aliquot.agent.node.NodeException;
import io.aliquot.agent.nvml.Nvml;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one loop of the agent, on its thread "aliquot-agent-loop": NVML, snapshot, metering, telemetry, and the guard's
 * clock. It owns NVML while it runs, and waits for nothing but its next turn.
 */
final class AgentLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);

    private final String name;
    private final NodeLabels labels;
    private final Nvml nvml;
    private final Node node;
    private final Enforcer enforcer;
    private final AgentMetrics metrics;
    private final Consumer<NodeUsage> telemetry;
    private final Consumer<List<GpuFault>> faulty;
    private final long intervalNs;
    private final Thread thread;
    private Meter meter;
    private long sequence;
    private List<GpuFault> faults = List.of();
    private String said = "";
    private boolean arbitrating = true;
    private volatile Optional<NodeUsage> last = Optional.empty();
    private volatile long connections;
    private volatile long refusedConnections;
    private volatile long turnedAtNs = System.nanoTime();
    private volatile boolean ending;

    /** @param faulty told which GPUs can't be read, whenever that changed; doesn't wait */
    AgentLoop(
            AgentConfig config,
            Nvml nvml,
            Node node,
            Enforcer enforcer,
            AgentMetrics metrics,
            Consumer<NodeUsage> telemetry,
            Consumer<List<GpuFault>> faulty) {
        this.name = config.node();
        this.labels = config.labels();
        this.nvml = nvml;
        this.node = node;
        this.enforcer = enforcer;
        this.metrics = metrics;
        this.telemetry = telemetry;
        this.faulty = faulty;
        this.intervalNs = config.interval().toNanos();
        this.meter = Meter.startingAt(
                node.snapshot(), Math.toIntExact(ProcessHandle.current().pid()));
        this.thread = Thread.ofPlatform().name("aliquot-agent-loop").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    Optional<NodeUsage> last() {
        return last;
    }

    long connections() {
        return connections;
    }

    long refusedConnections() {
        return refusedConnections;
    }

    /** @return whether a turn has ended within the given time */
    boolean turnedWithin(Duration age) {
        return System.nanoTime() - turnedAtNs <= age.toNanos();
    }

    private void run() {
        long dueNs = System.nanoTime() + intervalNs;
        while (!ending) {
            long nowNs = System.nanoTime();
            if (nowNs - dueNs < 0) {
                LockSupport.parkNanos(this, dueNs - nowNs);
                continue;
            }
            turn(nowNs);
            // A late turn is not made up for: its interval was longer, and says so.
            long missed = (System.nanoTime() - dueNs) / intervalNs;
            dueNs += (missed + 1) * intervalNs;
        }
    }

    private void turn(long startNs) {
        try {
            sayWhenTheArbiterEnds();
            enforcer.tick(startNs);
            GpuReadings readings = nvml.read();
            say(readings.faults());
            GuardState state = enforcer.state();
            NodeSnapshot snapshot = node.snapshot();
            connections = snapshot.connections();
            refusedConnections = snapshot.refusedConnections();
            Meter.Step step = meter.step(snapshot, readings, nvml.gpus(), state.last());
            meter = step.next();
            NodeUsage usage = new NodeUsage(
                    name,
                    ++sequence,
                    System.currentTimeMillis(),
                    System.nanoTime(),
                    step.intervalNs(),
                    step.gpus(),
                    labels,
                    state.fence());
            telemetry.accept(usage);
            metrics.record(usage);
            last = Optional.of(usage);
            turnedAtNs = System.nanoTime();
            metrics.loop().record(turnedAtNs - startNs, TimeUnit.NANOSECONDS);
        } catch (RuntimeException failure) {
            sayOnce(failure);
        }
    }

    /** Says once when a GPU is lost and once when it is back. */
    private void say(List<GpuFault> now) {
        if (!now.equals(faults)) {
            faults = now;
            faulty.accept(now);
            if (now.isEmpty()) {
                LOG.info("every GPU is read again");
            } else {
                LOG.error("GPUs that can't be read: {}", now);
            }
        }
    }

    private void sayWhenTheArbiterEnds() {
        boolean works = node.arbitrating();
        if (arbitrating && !works) {
            LOG.error(
                    "the arbiter ended ({}); tenants go on at their fallback shares; restart the agent",
                    node.failure().map(NodeException::getMessage).orElse("without an error"));
        }
        arbitrating = works;
    }

    private void sayOnce(RuntimeException failure) {
        if (!String.valueOf(failure.getMessage()).equals(said)) {
            said = String.valueOf(failure.getMessage());
            LOG.error("a turn of the loop failed; the next one goes on", failure);
        }
    }

    @Override
    public void close() {
        ending = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
