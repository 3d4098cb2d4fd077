package io.aliquot.controller.lease;

/** This controller is no longer the active one; another may be. It stands by, and nothing that it acknowledged is lost. */
public final class LeaseLost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param how it came to know */
    public LeaseLost(String how, Throwable cause) {
        super(how, cause);
    }
}
