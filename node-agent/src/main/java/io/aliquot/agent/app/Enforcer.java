package io.aliquot.agent.app;

import io.aliquot.agent.guard.Guard;
import io.aliquot.agent.guard.GuardState;
import io.aliquot.agent.guard.Verdict;
import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.node.NodeException;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts into force on the node what the guard accepts. Decisions come on the link's thread and are applied at once; time
 * passes on the loop's thread; one lock keeps both in one order.
 */
final class Enforcer {
    private static final Logger LOG = LoggerFactory.getLogger(Enforcer.class);

    private final Guard guard;
    private final Force force;
    private final Timer applyTime;
    private final Consumer<Decision> keep;
    private final Consumer<Applied> tell;
    private volatile GuardState state = new GuardState.Empty();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private String said = "";

    /** The node, as far as decisions go: {@link io.aliquot.agent.node.Node#apply}. */
    interface Force {
        void apply(Decision decision, boolean atFallback) throws NodeException;
    }

    /**
     * @param keep takes every decision that was put in force, to be kept for the next start; must not wait
     * @param tell takes the same, to be acknowledged; must not wait
     */
    Enforcer(Guard guard, Force force, Timer applyTime, Consumer<Decision> keep, Consumer<Applied> tell) {
        this.guard = guard;
        this.force = force;
        this.applyTime = applyTime;
        this.keep = keep;
        this.tell = tell;
    }

    GuardState state() {
        return state;
    }

    long accepted() {
        return accepted.get();
    }

    long refused() {
        return refused.get();
    }

    /** Puts the last decision from before the restart in force, if it is for this node. */
    synchronized void restore(Decision decision, long nowNs) {
        Optional<GuardState> held = guard.restore(decision, nowNs);
        if (held.isEmpty()) {
            LOG.warn("the last decision {} is for node {}; it is not used", decision.fence(), decision.node());
        } else if (apply(held.get().last().orElse(decision), false)) {
            state = held.get();
            LOG.info("the last decision {} holds until the controller is heard", decision.fence());
        }
    }

    /** Takes decisions in the log's order; of several that are acceptable only the last is applied. */
    synchronized void offer(List<Decision> decisions, long nowNs) {
        GuardState next = state;
        for (Decision decision : decisions) {
            switch (guard.offer(next, decision, nowNs)) {
                case Verdict.Accepted(GuardState.Fresh fresh) -> next = fresh;
                case Verdict.Refused(Verdict.Why why, String reason) -> refuse(why, decision, reason);
            }
        }
        if (next instanceof GuardState.Fresh fresh && fresh != state && apply(fresh.decision(), false)) {
            if (!state.rung().equals("fresh")) {
                LOG.info("decision {} is in force (was: {})", fresh.decision().fence(), state.rung());
            }
            state = fresh;
            accepted.incrementAndGet();
            Decision inForce = fresh.decision();
            tell.accept(new Applied(
                    inForce.fence(), inForce.answers(), System.currentTimeMillis(), nowNs, System.nanoTime()));
            keep.accept(inForce);
        }
    }

    /** Climbs down the ladder when it is time. */
    synchronized void tick(long nowNs) {
        Optional<Guard.Change> change = guard.tick(state, nowNs);
        if (change.isPresent()) {
            GuardState next = change.get().next();
            LOG.warn("no new decision for long: {} -> {}", state.rung(), next.rung());
            change.get().apply().ifPresent(fallback -> apply(fallback, true));
            state = next;
        }
    }

    private boolean apply(Decision decision, boolean atFallback) {
        long startNs = System.nanoTime();
        try {
            force.apply(decision, atFallback);
            applyTime.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            return true;
        } catch (NodeException refusal) {
            count(decision, String.valueOf(refusal.getMessage()));
            return false;
        }
    }

    private void refuse(Verdict.Why why, Decision decision, String reason) {
        if (why == Verdict.Why.REPEATED) {
            LOG.debug("decision {}: {}", decision.fence(), reason);
        } else {
            count(decision, reason);
        }
    }

    private void count(Decision decision, String reason) {
        refused.incrementAndGet();
        if (!reason.equals(said)) {
            said = reason;
            LOG.warn("refused decision {}: {}", decision.fence(), reason);
        }
    }
}
