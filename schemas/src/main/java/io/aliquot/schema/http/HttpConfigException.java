package io.aliquot.schema.http;

/** The security of an HTTP API can't be as it was asked for: what is wrong, never with a secret in it, and what to do. */
public final class HttpConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String fix;

    HttpConfigException(String problem, String fix) {
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
