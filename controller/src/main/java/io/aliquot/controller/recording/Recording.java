package io.aliquot.controller.recording;

import io.aliquot.schema.v1.RecordedTick;

/** Ticks that can be replayed: of a term in the order of their numbers, and terms one after the other. One thread. */
public interface Recording extends AutoCloseable {
    /**
     * Gives every tick.
     *
     * @throws io.aliquot.controller.state.FatalFailure when it can't be read, with the place
     */
    void read(Sink sink);

    @Override
    void close();

    /** Takes ticks. */
    interface Sink {
        /** @param done part of the recording that was read with this tick, 0 to 1 */
        void take(RecordedTick tick, double done);
    }
}
