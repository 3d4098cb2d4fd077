package io.aliquot.agent.link;

/** Bytes that are not the message they should be; the reason names the value and what would be right. */
final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String reason) {
        super(reason);
    }
}
