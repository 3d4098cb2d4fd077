package io.aliquot.agent.guard;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuShares;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Which decisions a node takes, and what it does when none come. Pure: state and time are arguments; any thread.
 *
 * @param node this node's name
 * @param gpuUuids the GPUs that this node has
 * @param staticAfter silence after which every tenant goes to its fallback share
 */
public record Guard(String node, Set<String> gpuUuids, Duration staticAfter) {
    /** Silence after which fallback shares hold. */
    public static final Duration STATIC_AFTER = Duration.ofMinutes(5);

    public Guard {
        gpuUuids = Set.copyOf(gpuUuids);
        if (staticAfter.isNegative() || staticAfter.isZero()) {
            throw new IllegalArgumentException("staticAfter is " + staticAfter + "; it must be positive");
        }
    }

    /** A rung that was left, and what to put in force now, if anything. */
    public record Change(GuardState next, Optional<Decision> apply) {}

    /** Takes a decision, all of it, or refuses it. */
    public Verdict offer(GuardState state, Decision decision, long nowNs) {
        if (!decision.node().equals(node)) {
            return refuse(Verdict.Why.OTHER_NODE, "it is for node " + decision.node() + "; this is " + node);
        }
        for (GpuShares gpu : decision.gpus()) {
            if (!gpuUuids.contains(gpu.gpuUuid())) {
                return refuse(Verdict.Why.UNKNOWN_GPU, "it names GPU " + gpu.gpuUuid() + "; this node has " + gpuUuids);
            }
        }
        Optional<FenceStamp> last = state.fence();
        if (last.isPresent() && last.get().equals(decision.fence())) {
            return refuse(Verdict.Why.REPEATED, "its fence " + decision.fence() + " is the one in force");
        }
        if (last.isPresent() && !decision.fence().supersedes(last.get()) && !maySave(state, decision.fence())) {
            return refuse(
                    Verdict.Why.STALE_FENCE,
                    "its fence " + decision.fence() + " is not higher than " + last.get() + ", the last accepted");
        }
        return new Verdict.Accepted(new GuardState.Fresh(decision, nowNs));
    }

    /**
     * After long silence another order is taken whatever its claim's time: a broker whose clock was set back before the lease topic
     * was created again must not leave the node without a controller for as long.
     */
    private static boolean maySave(GuardState state, FenceStamp stamp) {
        return state instanceof GuardState.Static low
                && !stamp.sameOrder(low.decision().fence());
    }

    /**
     * Takes the last decision from before a restart. How old it is by this clock can't be known, so it is held, not fresh.
     * A GPU that was lost meanwhile doesn't take the quotas on the others with it.
     *
     * @return nothing when the decision is for another node
     */
    public Optional<GuardState> restore(Decision decision, long nowNs) {
        return decision.node().equals(node)
                ? Optional.of(new GuardState.Held(decision.onGpus(gpuUuids), nowNs))
                : Optional.empty();
    }

    /** Climbs down the ladder by the time that has passed. @return nothing while the rung holds */
    public Optional<Change> tick(GuardState state, long nowNs) {
        return switch (state) {
            case GuardState.Empty ignored -> Optional.empty();
            case GuardState.Static ignored -> Optional.empty();
            case GuardState.Held(Decision decision, long at) ->
                passed(at, nowNs, silence(decision)) ? Optional.of(toStatic(decision, at)) : Optional.empty();
            case GuardState.Fresh(Decision decision, long at) -> fromFresh(decision, at, nowNs);
        };
    }

    private Optional<Change> fromFresh(Decision decision, long acceptedAtNs, long nowNs) {
        if (passed(acceptedAtNs, nowNs, silence(decision))) {
            return Optional.of(toStatic(decision, acceptedAtNs));
        }
        if (passed(acceptedAtNs, nowNs, Duration.ofMillis(decision.timeToLiveMs()))) {
            return Optional.of(new Change(new GuardState.Held(decision, acceptedAtNs), Optional.empty()));
        }
        return Optional.empty();
    }

    /** A decision that says it lives longer than the usual silence is taken at its word. */
    private Duration silence(Decision decision) {
        Duration lives = Duration.ofMillis(decision.timeToLiveMs());
        return lives.compareTo(staticAfter) > 0 ? lives : staticAfter;
    }

    private static Change toStatic(Decision decision, long acceptedAtNs) {
        return new Change(new GuardState.Static(decision, acceptedAtNs), Optional.of(decision.atFallback()));
    }

    private static boolean passed(long sinceNs, long nowNs, Duration limit) {
        return nowNs - sinceNs > limit.toNanos();
    }

    private static Verdict refuse(Verdict.Why why, String reason) {
        return new Verdict.Refused(why, reason);
    }
}
