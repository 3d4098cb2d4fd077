package io.aliquot.schema.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Lets one of each kind through in a while, and counts those between. Time is an argument; any thread. */
public final class Throttle {
    private final long pauseNs;
    private final Map<String, Kind> kinds = new HashMap<>();

    private static final class Kind {
        long saidNs;
        long heldBack;
    }

    /** @param pause from one that is let through to the next of its kind */
    public Throttle(Duration pause) {
        this.pauseNs = pause.toNanos();
    }

    /** @return how many were held back since the last one, when this one may go through */
    public synchronized OptionalLong take(String kind, long nowNs) {
        Kind before = kinds.get(kind);
        if (before != null && nowNs - before.saidNs < pauseNs) {
            before.heldBack++;
            return OptionalLong.empty();
        }
        Kind now = before == null ? new Kind() : before;
        long heldBack = now.heldBack;
        now.saidNs = nowNs;
        now.heldBack = 0;
        kinds.put(kind, now);
        return OptionalLong.of(heldBack);
    }
}
