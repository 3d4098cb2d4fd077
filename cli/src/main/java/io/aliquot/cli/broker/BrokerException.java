package io.aliquot.cli.broker;

import org.jspecify.annotations.Nullable;

/** The embedded broker could not start. Says what was wrong, with the value, and what would put it right. */
public final class BrokerException extends Exception {
    private final String fix;

    /**
     * @param message what was wrong, with the value
     * @param fix what would put it right
     */
    public BrokerException(String message, String fix, @Nullable Throwable cause) {
        super(message, cause);
        this.fix = fix;
    }

    /** What would put it right. */
    public String fix() {
        return fix;
    }
}
