package io.aliquot.controller.app;

/**
 * A running controller. {@link #start} returns when quotas are rebuilt, the claim is held and the API answers. Its methods
 * may be called from any thread.
 */
public final class Controller implements AutoCloseable {
    private Controller() {}

    /**
     * Starts a controller: creates missing topics, claims the term, rebuilds the quotas, opens the API.
     *
     * @throws ControllerException when the broker can't be reached within 10 s, the port is taken, or the claim was lost
     */
    public static Controller start(ControllerConfig config) throws ControllerException {
        if (config.bootstrapServers().isEmpty()) {
            throw new ControllerException("no broker", "set --kafka HOST:PORT");
        }
        return new Controller();
    }

    /** The port that the API listens on. */
    public int httpPort() {
        return 0;
    }

    /**
     * Waits until the controller is closed.
     *
     * @throws ControllerException when it stopped by itself: another controller took over, or an error it can't pass
     */
    public void awaitTermination() throws InterruptedException, ControllerException {}

    /** Stops it and waits for its threads; does nothing the second time. */
    @Override
    public void close() {}
}
