package io.aliquot.agent.link;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds the newest value for a slower thread; what was not taken in time is replaced and counted. Any thread. */
final class NewestSlot<T> {
    private @Nullable T value;
    private long replaced;
    private boolean closed;

    /** Puts the value in; never waits. */
    synchronized void offer(T newest) {
        if (value != null) {
            replaced++;
        }
        value = newest;
        notifyAll();
    }

    /** Waits for a value and takes it out. @return nothing once the slot is closed and empty */
    synchronized Optional<T> take() throws InterruptedException {
        while (value == null && !closed) {
            wait();
        }
        Optional<T> taken = Optional.ofNullable(value);
        value = null;
        return taken;
    }

    /** Lets the taker have what is still there and then end. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** @return how many values were replaced before they were taken */
    synchronized long replaced() {
        return replaced;
    }
}
