package io.aliquot.controller.api;

/** A request that is answered with an error: its HTTP status, what was wrong, and what would be right. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String fix;

    ApiError(int status, String error, String fix) {
        super(error, null, false, false);
        this.status = status;
        this.fix = fix;
    }

    int status() {
        return status;
    }

    String error() {
        return String.valueOf(getMessage());
    }

    String fix() {
        return fix;
    }
}
