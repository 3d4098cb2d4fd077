package io.aliquot.agent.api;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.GpuUsage;
import io.aliquot.agent.model.NodeUsage;
import io.aliquot.agent.model.TenantUsage;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The agent's metrics, in Prometheus' names: aliquot_, base units, _total on counters. One thread records; any scrapes.
 * A tenant's series go when the node no longer knows the tenant.
 */
public final class AgentMetrics {
    /** A tenant on a GPU. */
    private record Key(String gpuUuid, String tenant) {}

    private static final Duration[] BUCKETS = Stream.of(10, 25, 50, 100, 150, 250, 500, 1000, 2500, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final String node;
    private final Map<Key, TenantSeries> tenants = new HashMap<>();
    private final Map<String, GpuSeries> gpus = new HashMap<>();
    private final Timer loop;
    private final Timer apply;
    private final Timer latency;

    /** @param view asked at every scrape */
    public AgentMetrics(String node, AgentView view) {
        this.node = node;
        loop = Timer.builder("aliquot.agent.loop")
                .description("Time of one turn of the agent's loop")
                .tag("node", node)
                .register(registry);
        apply = Timer.builder("aliquot.decision.apply")
                .description("Time to put a decision in force on the node")
                .tag("node", node)
                .register(registry);
        latency = Timer.builder("aliquot.decision.latency")
                .description("From the end of a sample's interval until the decision that answers it was in force")
                .tag("node", node)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        decisions(view);
        counter(view, "aliquot.telemetry.sent", "Records acknowledged by the broker", AgentView::telemetrySent);
        counter(view, "aliquot.telemetry.dropped", "Records replaced by newer ones", AgentView::telemetryDropped);
        counter(view, "aliquot.telemetry.failed", "Records given up after the timeout", AgentView::telemetryFailed);
        counter(view, "aliquot.connections.refused", "Connections refused", AgentView::refusedConnections);
        gauge(view, "aliquot.connections", "Processes connected now", AgentView::connections);
    }

    private void decisions(AgentView view) {
        counter(view, "aliquot.decisions.accepted", "Decisions put in force", AgentView::decisionsAccepted);
        counter(view, "aliquot.decisions.refused", "Decisions refused", AgentView::decisionsRefused);
        counter(view, "aliquot.decisions.malformed", "Records that were no decision", AgentView::decisionsMalformed);
        counter(view, "aliquot.decisions.neighbours", "Records of other nodes skipped", AgentView::neighbours);
        counter(view, "aliquot.acknowledgements.sent", "Acknowledgements that the broker has", AgentView::acksSent);
        counter(
                view,
                "aliquot.acknowledgements.dropped",
                "Acknowledgements replaced by newer ones",
                AgentView::acksDropped);
        counter(view, "aliquot.acknowledgements.failed", "Acknowledgements given up", AgentView::acksFailed);
        gauge(
                view,
                "aliquot.decision.age.seconds",
                "Since the last decision was accepted; NaN before the first",
                v -> v.decisionAgeSeconds().orElse(Double.NaN));
        for (String rung : new String[] {"empty", "fresh", "held", "static"}) {
            Gauge.builder("aliquot.decision.state", view, v -> v.rung().equals(rung) ? 1 : 0)
                    .description("The rung of the fail-safe ladder: 1 on the one that holds")
                    .tags("node", node, "state", rung)
                    .register(registry);
        }
    }

    private void counter(AgentView view, String name, String description, ToDoubleFunction<AgentView> value) {
        FunctionCounter.builder(name, view, value)
                .description(description)
                .tag("node", node)
                .register(registry);
    }

    private void gauge(AgentView view, String name, String description, ToDoubleFunction<AgentView> value) {
        Gauge.builder(name, view, value)
                .description(description)
                .tag("node", node)
                .strongReference(true)
                .register(registry);
    }

    /** @return the time of one turn of the loop */
    public Timer loop() {
        return loop;
    }

    /** @return the time of one apply */
    public Timer apply() {
        return apply;
    }

    /** A decision was put in force. Any thread. */
    public void applied(Applied applied) {
        applied.sampleToApplied().ifPresent(latency::record);
    }

    /** Adds one interval. Called by the loop's thread alone. */
    public void record(NodeUsage usage) {
        Set<Key> seen = new HashSet<>();
        for (GpuUsage gpu : usage.gpus()) {
            String uuid = gpu.gpu().uuid();
            Tags tags = Tags.of(
                    "node",
                    node,
                    "gpu",
                    uuid,
                    "simulated",
                    Boolean.toString(gpu.gpu().simulated()));
            gpus.computeIfAbsent(uuid, u -> new GpuSeries(registry, tags)).record(gpu);
            for (TenantUsage tenant : gpu.tenants()) {
                Key key = new Key(uuid, tenant.tenant());
                seen.add(key);
                tenants.computeIfAbsent(key, k -> new TenantSeries(registry, tags.and("tenant", tenant.tenant())))
                        .record(tenant, usage.intervalNs() / 1e9);
            }
        }
        tenants.entrySet().removeIf(entry -> {
            boolean gone = !seen.contains(entry.getKey());
            if (gone) {
                entry.getValue().remove();
            }
            return gone;
        });
    }

    /** @return all metrics in Prometheus' text format */
    String scrape() {
        return registry.scrape();
    }

    void close() {
        registry.close();
    }
}
