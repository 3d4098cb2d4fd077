package io.aliquot.controller.lease;

import java.util.OptionalLong;

/**
 * How far a controller has read the lease topic. Offsets only grow: one that comes again means that the topic was created again,
 * and terms with it. One thread.
 */
public final class LeaseReading {
    private final long endAtStart;
    private long lastOffset = -1;
    private boolean caughtUp;

    /** @param endAtStart offset after the last record that was there when reading began */
    public LeaseReading(long endAtStart) {
        this.endAtStart = endAtStart;
    }

    /** Takes the offset of the next record. @return false when the topic was created again */
    public boolean goesOn(long offset) {
        boolean grows = offset > lastOffset;
        lastOffset = Math.max(lastOffset, offset);
        return grows;
    }

    /** The last offset that was taken; -1 before the first. */
    public long lastOffset() {
        return lastOffset;
    }

    /**
     * Whether all that was there at the start was read, or all that there is; for ever, once it was. In a topic that was created
     * again nobody comes to the offset where the old one ended before somebody writes.
     *
     * @param position where reading goes on now
     * @param lag how many records are there from that on; empty when that is not known
     */
    public boolean caughtUp(long position, OptionalLong lag) {
        caughtUp |= position >= endAtStart || (lag.isPresent() && lag.getAsLong() == 0);
        return caughtUp;
    }
}
