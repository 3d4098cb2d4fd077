package io.aliquot.controller.replay;

import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.decide.Decider;
import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.controller.state.NodeReport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a recording to the {@link Decider}, and counts what that makes of it. Under the recorded policy its decisions are
 * compared with the recorded ones; under another there is nothing to compare. One thread.
 */
public final class Replay {
    private static final double MS_PER_SECOND = 1000;
    private static final int MOST_NOTES = 20;

    private final Window window;
    private final Optional<UnaryOperator<ClusterState>> policy;
    private final Comparison comparison = new Comparison();
    private final Totals totals = new Totals();
    private final Set<String> notes = new LinkedHashSet<>();
    private @Nullable Decider decider;
    private @Nullable ReplayTick last;
    private boolean exact;
    private long firstUnixMs = Long.MAX_VALUE;
    private long ticks;
    private int terms;

    /** @param window what is reported; what is before it is replayed, too */
    public static Replay asRecorded(Window window) {
        return new Replay(window, Optional.empty());
    }

    /**
     * Under another policy.
     *
     * @param policy from the quotas at the start of each term to those that are in force instead, whatever was changed later
     */
    public static Replay under(UnaryOperator<ClusterState> policy, Window window) {
        return new Replay(window, Optional.of(policy));
    }

    private Replay(Window window, Optional<UnaryOperator<ClusterState>> policy) {
        this.window = window;
        this.policy = policy;
    }

    /** Takes the next tick: those of a term in the order of their numbers, and terms one after the other. */
    public void take(ReplayTick tick) {
        if (firstUnixMs == Long.MAX_VALUE) {
            firstUnixMs = tick.decidedAtUnixMs();
        }
        Decider now = begun(tick);
        boolean counts = window.contains(tick.decidedAtUnixMs(), firstUnixMs);
        List<NodePlan> plans = plans(now, tick);
        if (counts) {
            ticks++;
            totals.at(tick.decidedAtUnixMs());
            tick.reports().forEach(report -> totals.used(now.division(), report));
            if (policy.isEmpty()) {
                compare(tick, plans);
            }
        }
        last = tick;
    }

    private List<NodePlan> plans(Decider now, ReplayTick tick) {
        List<ClusterEvent> changes = policy.isPresent() ? List.of() : tick.changes();
        if (tick.kind() != CallKind.QUOTAS && !changes.isEmpty()) {
            now.changed(changes, tick.nowMs()); // their own tick is missing
        }
        return switch (tick.kind()) {
            case START -> List.of();
            case QUOTAS -> now.changed(changes, tick.nowMs());
            case TICK -> now.tick(newest(tick.reports()), tick.nowMs());
        };
    }

    /** What came of all ticks so far. */
    public ReplayReport report() {
        return totals.report(policy.isEmpty(), ticks, terms, comparison.result(), List.copyOf(notes));
    }

    private Decider begun(ReplayTick tick) {
        Decider now = decider;
        ReplayTick before = last;
        boolean sameTerm = before != null
                && before.first().term() == tick.first().term()
                && before.first().leaseTopicId().equals(tick.first().leaseTopicId());
        if (now != null && before != null && sameTerm && tick.quotas().isEmpty()) {
            stood(now, before, tick);
            return now;
        }
        ClusterState quotas = tick.quotas().orElse(ClusterState.EMPTY);
        now = new Decider(policy.map(other -> other.apply(quotas)).orElse(quotas), tick.nowMs());
        decider = now;
        terms++;
        exact = tick.kind() == CallKind.START;
        if (!exact) {
            note(tick, "the term's beginning is not recorded any more: it is replayed from there with no nodes");
        }
        missing(tick);
        return now;
    }

    /** What the last tick decided was in force until this one. */
    private void stood(Decider now, ReplayTick before, ReplayTick tick) {
        boolean hole = tick.number() != before.number() + 1;
        if (hole) {
            exact = false;
            note(tick, (tick.number() - before.number() - 1) + " ticks before it are missing in the journal");
        } else if (window.contains(before.decidedAtUnixMs(), firstUnixMs)) {
            totals.stood(now.division(), (tick.nowMs() - before.nowMs()) / MS_PER_SECOND);
        }
        missing(tick);
    }

    private void missing(ReplayTick tick) {
        if (!tick.missing().isEmpty()) {
            if (exact) {
                note(tick, tick.missing());
            }
            exact = false;
        }
    }

    private void note(ReplayTick tick, String what) {
        if (notes.size() < MOST_NOTES) {
            notes.add("term " + tick.first().term() + ", tick " + tick.number() + ": " + what);
        }
    }

    private void compare(ReplayTick tick, List<NodePlan> plans) {
        if (!exact) {
            comparison.skipped(tick.decisions());
            return;
        }
        List<PlannedDecision> made = new ArrayList<>();
        for (NodePlan plan : plans) {
            Fence fence = new Fence(
                    tick.first().leaseTopicId(),
                    tick.first().term(),
                    tick.first().sequence() + made.size(),
                    tick.first().claimedAtMs());
            made.add(
                    new PlannedDecision(plan, fence, tick.decidedAtUnixMs(), tick.timeToLiveMs(), tick.inputOffsets()));
        }
        comparison.compare(tick, made);
    }

    private static List<NodeReport> newest(List<NodeReport> reports) {
        SortedMap<String, NodeReport> newest = new TreeMap<>();
        reports.forEach(report -> newest.put(report.node(), report));
        return List.copyOf(newest.values());
    }
}
