package io.aliquot.controller.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.ingest.TelemetryBatch;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quotas;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
    private final AtomicLong nowMs = new AtomicLong();
    private final AtomicReference<List<NodeReport>> reports = new AtomicReference<>(List.of(report()));
    private final List<ControlLoop.Call> calls = new CopyOnWriteArrayList<>();
    private final List<NodePlan> published = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private ControlLoop loop;

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void aChangedQuotaIsDecidedWithoutWaitingForATick() {
        start(Duration.ofSeconds(10), () -> reports.getAndSet(List.of()));
        await().until(() -> published.size() == 1);
        loop.post(
                List.of(new ClusterEvent.QuotaChanged(
                        Quotas.quota("a", 3, 0, 1000, false, ServiceClass.STANDARD, 0, 5, 0, "me"))),
                1);
        await().atMost(Duration.ofSeconds(5)).until(() -> published.size() == 2);
        assertThat(published.getLast().gpus().getFirst().tenants().getFirst().tenant())
                .isEqualTo("a");
        assertThat(published.getLast().gpus().getFirst().tenants().getFirst().quotaVersion())
                .isEqualTo(5);
        await().until(() -> loop.view().state().quotas().containsKey("a"));
    }

    @Test
    void itSaysWhatEachCallWasToldAndAnswered() {
        start(Duration.ofMillis(10), () -> reports.getAndSet(List.of()));
        await().until(() -> calls.size() > 2);
        assertThat(calls.getFirst().kind()).isEqualTo(CallKind.START);
        assertThat(calls.getFirst().inputOffsets()).isEqualTo(offsets(7, 5));
        assertThat(calls.get(1).kind()).isEqualTo(CallKind.TICK);
        assertThat(calls.get(1).inputOffsets()).isEqualTo(offsets(8, 5));
        assertThat(calls.get(1).plans()).extracting(NodePlan::node).containsExactly("n");
        loop.post(List.of(), 6);
        await().until(() -> calls.stream().anyMatch(call -> call.kind() == CallKind.QUOTAS));
        assertThat(calls.stream()
                        .filter(call -> call.kind() == CallKind.QUOTAS)
                        .findFirst()
                        .orElseThrow()
                        .inputOffsets())
                .isEqualTo(offsets(8, 6));
        assertThat(failures).isEmpty();
    }

    @Test
    void anErrorEndsTheLoopAndIsTold() {
        start(Duration.ofMillis(10), () -> {
            throw new IllegalStateException("broken");
        });
        await().until(() -> failures.size() == 1);
    }

    private void start(Duration tick, Supplier<List<NodeReport>> telemetry) {
        loop = new ControlLoop(
                new Clock(() -> 0, nowMs::get),
                tick,
                ClusterState.EMPTY,
                5,
                new TreeMap<>(Map.of(Topics.TELEMETRY, 7L)),
                () -> new TelemetryBatch(telemetry.get(), new TreeMap<>(Map.of(Topics.TELEMETRY, 8L)), List.of()),
                call -> {
                    calls.add(call);
                    published.addAll(call.plans());
                },
                TickMeters.of(new SimpleMeterRegistry()),
                failures::add);
        loop.start();
    }

    private static SortedMap<String, Long> offsets(long telemetry, long request) {
        return new TreeMap<>(Map.of(Topics.TELEMETRY, telemetry, Topics.QUOTA_REQUEST, request));
    }

    private static NodeReport report() {
        NodeReport.Gpu gpu = new NodeReport.Gpu("g", "GPU", true, 1, 0, List.of());
        return new NodeReport("n", 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty());
    }
}
