package io.aliquot.controller.app;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.publish.DecisionBook;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.NodeState;
import io.aliquot.controller.state.Planner;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns the cluster's state. A changed quota wakes it at once; telemetry is taken once a tick. It waits for
 * nobody: what it decides goes into slots that another thread empties.
 */
final class ControlLoop implements AutoCloseable {
    /** A node that has not reported for this long is silent. */
    static final long SILENT_MS = 5000;

    /** A node that has been silent for this long is forgotten. */
    static final long FORGOTTEN_MS = 600_000;

    private static final double MS_PER_SECOND = 1000;
    private static final Duration JOIN = Duration.ofSeconds(2);

    private final Clock clock;
    private final Duration tick;
    private final Supplier<List<NodeReport>> telemetry;
    private final Sink sink;
    private final LinkedBlockingQueue<Mail> mail = new LinkedBlockingQueue<>();
    private final DecisionBook book = new DecisionBook();
    private final Map<String, NodePlan> plans = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile ClusterView view;

    private ClusterState state;
    private @Nullable Division division;
    private long dividedAtMs;
    private long nextRequestOffset;

    /** Takes a plan that is to be published. */
    interface Sink {
        void publish(NodePlan plan, long nextRequestOffset);
    }

    private record Mail(List<ClusterEvent> events, long nextRequestOffset) {}

    /**
     * @param initial the rebuilt state
     * @param nextRequestOffset the first request that is not in it
     * @param onFailure told when the loop ended by an error
     */
    ControlLoop(
            Clock clock,
            Duration tick,
            ClusterState initial,
            long nextRequestOffset,
            Supplier<List<NodeReport>> telemetry,
            Sink sink,
            Consumer<Throwable> onFailure) {
        this.clock = clock;
        this.tick = tick;
        this.state = initial;
        this.nextRequestOffset = nextRequestOffset;
        this.telemetry = telemetry;
        this.dividedAtMs = clock.monotonicMs().getAsLong();
        this.sink = sink;
        this.view = ClusterView.empty(initial, clock.monotonicMs().getAsLong());
        this.thread = Thread.ofPlatform().name("aliquot-control").daemon(true).unstarted(() -> run(onFailure));
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

    private void run(Consumer<Throwable> onFailure) {
        try {
            long nextTick = System.nanoTime();
            while (!closed) {
                Mail first = mail.poll(nextTick - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (first != null) {
                    quotasChanged(first);
                }
                if (System.nanoTime() - nextTick >= 0) {
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
        for (Mail next = first; next != null; next = mail.poll()) {
            next.events().forEach(event -> state = state.apply(event));
            nextRequestOffset = next.nextRequestOffset();
        }
        long nowMs = clock.monotonicMs().getAsLong();
        divide(true, nowMs);
        show(nowMs);
    }

    private void tick() {
        long nowMs = clock.monotonicMs().getAsLong();
        List<NodeReport> reports = telemetry.get();
        if (!reports.isEmpty()) {
            state = state.apply(new ClusterEvent.TelemetryReceived(reports, nowMs));
        }
        for (Map.Entry<String, NodeState> node : state.nodes().entrySet()) {
            age(node.getKey(), node.getValue(), nowMs);
        }
        divide(false, nowMs);
        show(nowMs);
    }

    /** Divides the cluster anew, and publishes what differs: enough, or at all. */
    private void divide(boolean exactly, long nowMs) {
        Division next = Planner.divide(state, division, (nowMs - dividedAtMs) / MS_PER_SECOND);
        division = next;
        dividedAtMs = nowMs;
        for (NodeState node : state.nodes().values()) {
            if (!node.silent()) {
                NodePlan plan = Planner.plan(state, next, node);
                plans.put(plan.node(), plan);
                if (book.take(plan, exactly, nowMs)) {
                    sink.publish(plan, nextRequestOffset);
                }
            }
        }
    }

    private void age(String name, NodeState node, long nowMs) {
        long ageMs = nowMs - node.receivedAtMs();
        if (ageMs > FORGOTTEN_MS) {
            state = state.apply(new ClusterEvent.NodeForgotten(name));
            plans.remove(name);
            book.forget(name);
        } else if (ageMs > SILENT_MS && !node.silent()) {
            state = state.apply(new ClusterEvent.NodeSilent(name));
        }
    }

    private void show(long nowMs) {
        if (division != null) {
            view = new ClusterView(state, division, plans, nowMs);
        }
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
