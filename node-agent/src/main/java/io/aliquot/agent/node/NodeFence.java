package io.aliquot.agent.node;

import io.aliquot.agent.model.FenceStamp;
import java.util.Optional;

/**
 * Turns the order of decisions into the numbers that the node library compares. The library wants (term, sequence) to
 * grow for as long as it is open; decisions may start again at term 0 (a re-created lease topic), and one decision may be
 * applied twice (as it is, later at its fallback shares). So terms of a later order are lifted above all before, and a
 * sequence becomes twice itself, plus one for the fallback form. One thread at a time.
 */
final class NodeFence {
    /** What the node library gets. */
    record Stamp(long term, long sequence) {}

    private Optional<FenceStamp> last = Optional.empty();
    private long lastTerm;
    private long lift;

    Stamp next(FenceStamp stamp, boolean atFallback) {
        return new Stamp(stamp.term() + liftFor(stamp), stamp.sequence() * 2 + (atFallback ? 1 : 0));
    }

    void accepted(FenceStamp stamp, Stamp sent) {
        lift = liftFor(stamp);
        last = Optional.of(stamp);
        lastTerm = sent.term();
    }

    private long liftFor(FenceStamp stamp) {
        boolean sameOrder =
                last.map(l -> l.leaseTopicId().equals(stamp.leaseTopicId())).orElse(true);
        return sameOrder ? lift : lastTerm + 1;
    }
}
