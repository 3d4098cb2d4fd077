package io.aliquot.agent.guard;

/** What the guard says to a decision. */
public sealed interface Verdict {
    /** Taken: put the decision of {@code next} in force. */
    record Accepted(GuardState.Fresh next) implements Verdict {}

    /** Not taken, and what was in force stays; the reason names the value and what would be right. */
    record Refused(Why why, String reason) implements Verdict {}

    /** The kinds of refusal, for metrics. A repeat is the very decision that is in force: nobody's fault. */
    enum Why {
        OTHER_NODE,
        UNKNOWN_GPU,
        STALE_FENCE,
        REPEATED
    }
}
