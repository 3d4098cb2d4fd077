package io.aliquot.controller.account;

/** What became of a record of telemetry. */
public sealed interface Outcome {
    /**
     * It is in the entries.
     *
     * @param lostRecords how many of the node's records before it never came
     * @param clockOff whether the node's clock was further from the broker's than is believed
     */
    record Entered(long lostRecords, boolean clockOff) implements Outcome {}

    /** Nothing of it is in the entries. */
    enum Refused implements Outcome {
        /** It came before, or is older than what is accounted for of its node. */
        REPEATED,
        /** The interval is longer than is believed. */
        TOO_LONG,
        /** The node would have more time accounted for than has passed. */
        AHEAD_OF_TIME,
        /** Its time, or the length of a name, is out of range. */
        OUT_OF_RANGE
    }
}
