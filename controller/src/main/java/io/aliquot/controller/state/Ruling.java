package io.aliquot.controller.state;

/** The answer to a {@link QuotaRequest}. */
public sealed interface Ruling {
    /** The tenant's quota from now on. */
    record Accepted(Quota quota) implements Ruling {}

    /** The tenant is gone. */
    record Removed(String tenant) implements Ruling {}

    /** Nothing changes: what was wrong, the value, and what would be right. */
    record Refused(String reason) implements Ruling {}
}
