package io.aliquot.controller.app;

import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * The controller's meters. Kafka's own are left out: a handful of counters here says what they would. Every timer has the same
 * buckets, so that the hops of a way can be laid side by side.
 */
final class Meters {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private static final Duration[] BUCKETS = Stream.of(1, 5, 10, 25, 50, 100, 150, 250, 500, 1000, 2500, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    Meters() {
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return id.getType() != Meter.Type.TIMER
                        ? config
                        : DistributionStatisticConfig.builder()
                                .serviceLevelObjectives(Stream.of(BUCKETS)
                                        .mapToDouble(Duration::toNanos)
                                        .toArray())
                                .build()
                                .merge(config);
            }
        });
    }

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

    /** Adds what is seen of the nodes. */
    void watchFleet(ToIntFunction<ClusterView> behind, Supplier<ClusterView> view) {
        gauge("aliquot.controller.nodes.behind", () -> behind.applyAsInt(view.get()));
    }

    private void gauge(String name, Supplier<Number> value) {
        Gauge.builder(name, value).register(registry);
    }
}
