package io.aliquot.controller.app;

import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.api.ControllerPort;
import io.aliquot.controller.lease.Standing;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.Fleet;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API's way into the controller. It answers from the first moment, and says that it isn't ready until it is. */
final class Port implements ControllerPort {
    private final String brokers;
    private final Clock clock;
    private final Meters meters;
    private final Duration answerTimeout;
    private volatile @Nullable Running running;
    private volatile Supplier<Fleet> fleet = () -> Fleet.EMPTY;
    private volatile boolean stopping;

    private record Running(Supplier<@Nullable Duty> duty, BooleanSupplier reachable, Supplier<Standing> standing) {}

    Port(String brokers, Clock clock, Meters meters, Duration answerTimeout) {
        this.brokers = brokers;
        this.clock = clock;
        this.meters = meters;
        this.answerTimeout = answerTimeout;
        meters.watch(this::view, () -> readiness().ready(), () -> active() != null, this::term);
    }

    /** The parts are there; the first duty may not be yet. */
    void running(Supplier<@Nullable Duty> duty, BooleanSupplier reachable, Supplier<Standing> standing) {
        running = new Running(duty, reachable, standing);
    }

    /** The nodes are read. */
    void fleet(Supplier<Fleet> nodes) {
        fleet = nodes;
    }

    /** The controller is stopping. */
    void stopping() {
        stopping = true;
    }

    @Override
    public ClusterView view() {
        Duty now = duty();
        return now == null ? ClusterView.empty(ClusterState.EMPTY, nowMs()) : now.view();
    }

    @Override
    public Fleet fleet() {
        return fleet.get();
    }

    @Override
    public long nowMs() {
        return clock.monotonicMs().getAsLong();
    }

    @Override
    public String brokers() {
        return brokers;
    }

    @Override
    public Readiness readiness() {
        Running now = running;
        return now == null
                ? new Readiness(false, false, stopping)
                : new Readiness(now.reachable.getAsBoolean(), now.duty.get() != null, stopping);
    }

    @Override
    public Role role() {
        Running now = running;
        Standing standing = now == null ? Standing.UNKNOWN : now.standing.get();
        if (active() != null) {
            return new Role(RoleName.ACTIVE, standing.holder());
        }
        return new Role(standing.term().isPresent() ? RoleName.TAKING_OVER : RoleName.STANDBY, standing.holder());
    }

    /** The message goes out on a virtual thread: a producer may block while it looks for its broker. */
    @Override
    public CompletionStage<Ruling> request(QuotaRequest request) {
        ActiveDuty now = active();
        if (now == null) {
            return CompletableFuture.failedStage(new IllegalStateException("this controller is not the active one"));
        }
        String id = UUID.randomUUID().toString();
        CompletableFuture<Ruling> answer =
                now.desk().await(id).orTimeout(answerTimeout.toMillis(), TimeUnit.MILLISECONDS);
        Thread.startVirtualThread(() -> {
            try {
                now.requests()
                        .send(request.identified(id, clock.unixMs().getAsLong()))
                        .exceptionally(error -> {
                            answer.completeExceptionally(error);
                            return null;
                        });
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Override
    public long nowUnixMs() {
        return clock.unixMs().getAsLong();
    }

    /** On a virtual thread: adding up many GPUs and hours takes a while. */
    @Override
    public CompletionStage<Optional<Statement>> report(Report.Query query) {
        ActiveDuty now = active();
        return now == null
                ? CompletableFuture.completedStage(Optional.empty())
                : CompletableFuture.supplyAsync(() -> now.usage().report(query), Thread::startVirtualThread);
    }

    @Override
    public String scrape() {
        return meters.registry().scrape();
    }

    private long term() {
        ActiveDuty now = active();
        return now == null ? -1 : now.term();
    }

    private @Nullable Duty duty() {
        Running now = running;
        return now == null ? null : now.duty.get();
    }

    /** Null while this controller is not the active one. */
    private @Nullable ActiveDuty active() {
        return duty() instanceof ActiveDuty now && now.holds() ? now : null;
    }
}
