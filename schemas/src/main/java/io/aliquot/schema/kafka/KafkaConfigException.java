package io.aliquot.schema.kafka;

/** A file of client properties can't be used: what is wrong, by file and key but never by value, and what to do. */
public final class KafkaConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String fix;

    KafkaConfigException(String problem, String fix) {
        super(problem);
        this.fix = fix;
    }

    /** What is wrong. */
    public String problem() {
        return String.valueOf(getMessage());
    }

    /** What the operator can do, as an instruction. */
    public String fix() {
        return fix;
    }
}
