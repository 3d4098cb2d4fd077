package io.aliquot.agent.guard;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import java.util.Optional;

/** Which rung of the fail-safe ladder the node stands on. Times are the agent's monotonic clock, nanoseconds. */
public sealed interface GuardState {
    /** No decision yet: no tenant has a quota, so none is admitted. */
    record Empty() implements GuardState {}

    /** The decision is younger than its time to live. */
    record Fresh(Decision decision, long acceptedAtNs) implements GuardState {}

    /** The controller is silent; the node goes on sharing by the last weights. */
    record Held(Decision decision, long acceptedAtNs) implements GuardState {}

    /** The controller has been silent for long; every tenant's weight is its fallback share. */
    record Static(Decision decision, long acceptedAtNs) implements GuardState {}

    /** @return the decision that was last accepted, as it was decided */
    default Optional<Decision> last() {
        return switch (this) {
            case Empty() -> Optional.empty();
            case Fresh(Decision decision, long at) -> Optional.of(decision);
            case Held(Decision decision, long at) -> Optional.of(decision);
            case Static(Decision decision, long at) -> Optional.of(decision);
        };
    }

    /** @return the fence of the last accepted decision */
    default Optional<FenceStamp> fence() {
        return last().map(Decision::fence);
    }

    /** @return nanoseconds since the last decision was accepted (or restored); nothing before the first */
    default Optional<Long> ageNs(long nowNs) {
        return switch (this) {
            case Empty() -> Optional.empty();
            case Fresh(Decision decision, long at) -> Optional.of(nowNs - at);
            case Held(Decision decision, long at) -> Optional.of(nowNs - at);
            case Static(Decision decision, long at) -> Optional.of(nowNs - at);
        };
    }

    /** @return the rung's name, for people and metrics */
    default String rung() {
        return switch (this) {
            case Empty ignored -> "empty";
            case Fresh ignored -> "fresh";
            case Held ignored -> "held";
            case Static ignored -> "static";
        };
    }
}
