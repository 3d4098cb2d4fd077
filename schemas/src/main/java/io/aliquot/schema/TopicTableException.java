package io.aliquot.schema;

/** The topic table can't be read; the message names the line, the value and what would be right. */
public final class TopicTableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TopicTableException(String message) {
        super(message);
    }
}
