package io.aliquot.controller.app;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.decide.Decider;
import io.aliquot.controller.ingest.TelemetryBatch;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.SkippedRecords;
import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that calls the {@link Decider}. A changed quota wakes it at once; telemetry is taken once a tick. It waits for
 * nobody: what it decides goes into slots that another thread empties.
 */
final class ControlLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);
    private static final Duration JOIN = Duration.ofSeconds(2);

    private final Clock clock;
    private final Duration tick;
    private final Supplier<TelemetryBatch> telemetry;
    private final Sink sink;
    private final TickMeters meters;
    private final FloorAlert floors = new FloorAlert();
    private final LinkedBlockingQueue<Mail> mail = new LinkedBlockingQueue<>();
    private final Decider decider;
    private final Thread thread;
    private volatile boolean closed;
    private volatile ClusterView view;

    private SortedMap<String, Long> telemetryOffsets;
    private long nextRequestOffset;

    /** Takes what a call of the decider was told and answered. */
    interface Sink {
        void decided(Call call);
    }

    /**
     * One call of the decider.
     *
     * @param nowMs as the decider was told
     * @param inputOffsets topic to the next offset that was not seen yet
     * @param skipped telemetry before that, since the last tick, that was never read
     * @param plans to be published
     */
    record Call(
            CallKind kind,
            long nowMs,
            SortedMap<String, Long> inputOffsets,
            List<SkippedRecords> skipped,
            List<NodePlan> plans) {}

    private record Mail(List<ClusterEvent> events, long nextRequestOffset) {}

    /**
     * @param initial the rebuilt state
     * @param nextRequestOffset the first request that is not in it
     * @param telemetryOffsets where telemetry is read from
     * @param onFailure told when the loop ended by an error
     */
    ControlLoop(
            Clock clock,
            Duration tick,
            ClusterState initial,
            long nextRequestOffset,
            SortedMap<String, Long> telemetryOffsets,
            Supplier<TelemetryBatch> telemetry,
            Sink sink,
            TickMeters meters,
            Consumer<Throwable> onFailure) {
        this.clock = clock;
        this.tick = tick;
        this.nextRequestOffset = nextRequestOffset;
        this.telemetryOffsets = telemetryOffsets;
        this.telemetry = telemetry;
        this.sink = sink;
        this.meters = meters;
        long nowMs = clock.monotonicMs().getAsLong();
        this.decider = new Decider(initial, nowMs);
        this.view = decider.view();
        this.thread = Thread.ofPlatform().name("aliquot-control").daemon(true).unstarted(() -> run(nowMs, onFailure));
    }

    void start() {
        thread.start();
    }

    /** Hands over changes that are committed. Any thread; doesn't block. */
    void post(List<ClusterEvent> events, long nextOffset) {
        mail.add(new Mail(events, nextOffset));
    }

    /** The newest state and plans. Any thread. */
    ClusterView view() {
        return view;
    }

    private void run(long startedMs, Consumer<Throwable> onFailure) {
        try {
            tell(CallKind.START, startedMs, List.of(), List.of());
            long nextTick = System.nanoTime();
            while (!closed) {
                Mail first = mail.poll(nextTick - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (first != null) {
                    quotasChanged(first);
                }
                long lateNs = System.nanoTime() - nextTick;
                if (lateNs >= 0) {
                    meters.delay().record(lateNs, TimeUnit.NANOSECONDS);
                    tick();
                    nextTick = Math.max(nextTick + tick.toNanos(), System.nanoTime());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            onFailure.accept(e);
        }
    }

    private void quotasChanged(Mail first) {
        List<ClusterEvent> events = new ArrayList<>();
        for (Mail next = first; next != null; next = mail.poll()) {
            events.addAll(next.events());
            nextRequestOffset = next.nextRequestOffset();
        }
        long nowMs = clock.monotonicMs().getAsLong();
        long beganNs = System.nanoTime();
        List<NodePlan> plans = decider.changed(events, nowMs);
        meters.quotas().record(System.nanoTime() - beganNs, TimeUnit.NANOSECONDS);
        tell(CallKind.QUOTAS, nowMs, List.of(), plans);
    }

    private void tick() {
        long nowMs = clock.monotonicMs().getAsLong();
        TelemetryBatch batch = telemetry.get();
        telemetryOffsets = batch.nextOffsets();
        long beganNs = System.nanoTime();
        List<NodePlan> plans = decider.tick(batch.reports(), nowMs);
        meters.tick().record(System.nanoTime() - beganNs, TimeUnit.NANOSECONDS);
        tell(CallKind.TICK, nowMs, batch.skipped(), plans);
    }

    private void tell(CallKind kind, long nowMs, List<SkippedRecords> skipped, List<NodePlan> plans) {
        SortedMap<String, Long> offsets = new TreeMap<>(telemetryOffsets);
        offsets.put(Topics.QUOTA_REQUEST, nextRequestOffset);
        sink.decided(new Call(kind, nowMs, offsets, skipped, plans));
        view = decider.view();
        floors.look(view).forEach(LOG::warn);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(JOIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
