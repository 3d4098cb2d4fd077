package io.aliquot.agent.link;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.Inventory;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be told of this node: the newest acknowledgement, and the inventory until the broker has it and again when it is
 * due. Putting in never waits; any thread, one takes. The inventory goes first: it is rare.
 */
final class Outgoing {
    private final long repeatNs;
    private @Nullable Inventory inventory;
    private @Nullable Applied applied;
    private long dueNs = System.nanoTime();
    private long replaced;
    private boolean closed;

    /** One thing to tell. */
    sealed interface Word {
        record Ack(Applied applied) implements Word {}

        record Has(Inventory inventory) implements Word {}
    }

    /** @param repeat after this long the inventory is told again */
    Outgoing(Duration repeat) {
        this.repeatNs = repeat.toNanos();
    }

    synchronized void offer(Applied newest) {
        if (applied != null) {
            replaced++;
        }
        applied = newest;
        notifyAll();
    }

    synchronized void offer(Inventory newest) {
        inventory = newest;
        inventoryFailed();
    }

    /** The broker does not have it: it is due at once. */
    synchronized void inventoryFailed() {
        dueNs = System.nanoTime();
        notifyAll();
    }

    /** Waits for something to tell. @return nothing once it is closed */
    synchronized Optional<Word> take() throws InterruptedException {
        while (!closed) {
            Inventory has = inventory;
            long leftNs = dueNs - System.nanoTime();
            if (has != null && leftNs <= 0) {
                dueNs = System.nanoTime() + repeatNs;
                return Optional.of(new Word.Has(has));
            }
            Applied newest = applied;
            if (newest != null) {
                applied = null;
                return Optional.of(new Word.Ack(newest));
            }
            wait(has == null ? 0 : leftNs / 1_000_000 + 1);
        }
        return Optional.empty();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** @return how many acknowledgements a newer one replaced before they were taken */
    synchronized long replaced() {
        return replaced;
    }
}
