package io.aliquot.controller.app;

import io.aliquot.controller.account.Report;
import io.aliquot.controller.account.Statement;
import io.aliquot.controller.api.ControllerPort;
import io.aliquot.controller.ledger.RequestSender;
import io.aliquot.controller.ledger.UsageLedger;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
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
    private volatile @Nullable UsageLedger usage;
    private volatile boolean claimLost;

    private record Running(
            Supplier<ClusterView> view, BooleanSupplier reachable, QuotaDesk desk, RequestSender requests, long term) {}

    Port(String brokers, Clock clock, Meters meters, Duration answerTimeout) {
        this.brokers = brokers;
        this.clock = clock;
        this.meters = meters;
        this.answerTimeout = answerTimeout;
        meters.watch(this::view, () -> readiness().ready(), this::term);
    }

    /** Quotas are rebuilt and the claim is held. */
    void running(
            Supplier<ClusterView> view, BooleanSupplier reachable, QuotaDesk desk, RequestSender requests, long term) {
        running = new Running(view, reachable, desk, requests, term);
    }

    /** The usage ledger is there; it may still be reading. */
    void accounting(UsageLedger ledger) {
        usage = ledger;
    }

    /** The controller is stopping. */
    void claimLost() {
        claimLost = true;
    }

    @Override
    public ClusterView view() {
        Running now = running;
        return now == null ? ClusterView.empty(ClusterState.EMPTY, nowMs()) : now.view.get();
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
                ? new Readiness(false, false, false)
                : new Readiness(now.reachable.getAsBoolean(), true, !claimLost);
    }

    /** The message goes out on a virtual thread: a producer may block while it looks for its broker. */
    @Override
    public CompletionStage<Ruling> request(QuotaRequest request) {
        Running now = running;
        if (now == null) {
            return CompletableFuture.failedStage(new IllegalStateException("the controller is starting"));
        }
        String id = UUID.randomUUID().toString();
        CompletableFuture<Ruling> answer =
                now.desk.await(id).orTimeout(answerTimeout.toMillis(), TimeUnit.MILLISECONDS);
        Thread.startVirtualThread(() -> {
            try {
                now.requests
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
        UsageLedger now = usage;
        return now == null
                ? CompletableFuture.completedStage(Optional.empty())
                : CompletableFuture.supplyAsync(() -> now.report(query), Thread::startVirtualThread);
    }

    @Override
    public String scrape() {
        return meters.registry().scrape();
    }

    private long term() {
        Running now = running;
        return now == null ? -1 : now.term;
    }
}
