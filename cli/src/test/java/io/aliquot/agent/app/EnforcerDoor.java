package io.aliquot.agent.app;

import io.aliquot.agent.guard.Guard;
import io.aliquot.agent.guard.GuardState;
import io.aliquot.agent.model.Decision;
import io.aliquot.agent.node.NodeException;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.function.Consumer;

/** The agent's own enforcer and guard, for the simulation. */
public final class EnforcerDoor {
    private static final Timer TIMER = new SimpleMeterRegistry().timer("apply");

    private final Enforcer enforcer;

    /** What puts a decision in force. */
    public interface Force {
        void apply(Decision decision, boolean atFallback) throws NodeException;
    }

    /** @param keep takes what is to be kept over a restart */
    public EnforcerDoor(Guard guard, Force force, Consumer<Decision> keep) {
        this.enforcer = new Enforcer(guard, force::apply, TIMER, keep, applied -> {});
    }

    public void restore(Decision decision, long nowNs) {
        enforcer.restore(decision, nowNs);
    }

    public void offer(List<Decision> decisions, long nowNs) {
        enforcer.offer(decisions, nowNs);
    }

    public void tick(long nowNs) {
        enforcer.tick(nowNs);
    }

    public GuardState state() {
        return enforcer.state();
    }
}
