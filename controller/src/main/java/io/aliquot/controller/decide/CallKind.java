package io.aliquot.controller.decide;

/** What a {@link Decider} was called for, as the journal tells it. */
public enum CallKind {
    /** Made, with the quotas in force. */
    START,
    /** Quotas changed. */
    QUOTAS,
    /** Time went on. */
    TICK
}
