package io.aliquot.controller.app;

import io.aliquot.controller.state.ClusterView;

/** What a controller does in its role. Opened, started and closed by one thread; looked at by any. */
interface Duty extends AutoCloseable {
    /** Begins to work. */
    void start();

    /** The newest state and plans; the last ones after it was closed. */
    ClusterView view();

    /** Stops and waits for its threads; does nothing the second time. */
    @Override
    void close();
}
