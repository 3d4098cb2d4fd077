package io.aliquot.cli.demo;

/** A part of Aliquot that says what a tenant had; the demo compares that with what the tenants measured themselves. */
enum Source {
    /** What {@code explain} says that it gets: beside its part of what all did. */
    EXPLAIN_SHARED("explainSharedGpus", "EXPLAIN: SHARED"),
    /** What {@code explain} says that it used: beside its work over wall time. */
    EXPLAIN_USED("explainUsedGpus", "EXPLAIN: USED");

    private final String field;
    private final String head;

    Source(String field, String head) {
        this.field = field;
        this.head = head;
    }

    /** Its name in JSON. */
    String field() {
        return field;
    }

    /** Its name for people. */
    String head() {
        return head;
    }
}
