package io.aliquot.controller.app;

import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The controller's meters. Kafka's own are left out: a handful of counters here says what they would. */
final class Meters {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Adds gauges over the newest view. */
    void watch(Supplier<ClusterView> view, BooleanSupplier ready, BooleanSupplier active, Supplier<Number> term) {
        gauge("aliquot.controller.tenants", () -> view.get().state().tree().size() - 1);
        gauge("aliquot.controller.nodes", () -> view.get().state().nodes().size());
        gauge(
                "aliquot.controller.nodes.silent",
                () -> view.get().state().nodes().values().stream()
                        .filter(NodeState::silent)
                        .count());
        gauge(
                "aliquot.controller.floors.unmet",
                () -> view.get().division().entitlements().unmet().size());
        gauge("aliquot.controller.gpus.crowded", () -> view.get().division().crowdedGpus());
        gauge("aliquot.controller.ready", () -> ready.getAsBoolean() ? 1 : 0);
        gauge("aliquot.controller.active", () -> active.getAsBoolean() ? 1 : 0);
        gauge("aliquot.controller.term", term);
    }

    private void gauge(String name, Supplier<Number> value) {
        Gauge.builder(name, value).register(registry);
    }
}
