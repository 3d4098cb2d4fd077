package io.aliquot.controller.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quotas;
import io.aliquot.schema.ServiceClass;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
    private final AtomicLong nowMs = new AtomicLong();
    private final AtomicReference<List<NodeReport>> reports = new AtomicReference<>(List.of(report()));
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
    void aNodeThatStopsReportingTurnsSilentAndIsForgottenLater() {
        start(Duration.ofMillis(10), () -> reports.getAndSet(List.of()));
        await().until(() -> loop.view().state().nodes().containsKey("n"));
        nowMs.set(ControlLoop.SILENT_MS + 1);
        await().until(() -> loop.view().state().nodes().get("n").silent());
        nowMs.set(ControlLoop.FORGOTTEN_MS + 1);
        await().until(() -> loop.view().state().nodes().isEmpty());
        assertThat(loop.view().plans()).isEmpty();
        reports.set(List.of(report()));
        await().until(() -> loop.view().state().nodes().containsKey("n"));
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
                0,
                telemetry,
                (plan, offset) -> published.add(plan),
                failures::add);
        loop.start();
    }

    private static NodeReport report() {
        NodeReport.Gpu gpu = new NodeReport.Gpu("g", "GPU", true, 1, 0, List.of());
        return new NodeReport("n", 1, 0, 100_000, List.of(gpu), Map.of(), Optional.empty());
    }
}
