package io.aliquot.cli.simulation;

import io.aliquot.controller.ledger.LedgerDoor;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A model of Kafka: logs of records with offsets, one producer of transactions, a clock that may be set. */
final class Broker {
    private final World world;
    private long clockOffsetMs = 1_700_000_000_000L;
    private long downUntilMs;
    private int topics;
    private int epoch;
    /** The broker's clock was set forward, or the lease topic made again: for a while two may hold a lease. */
    long disturbedUntilMs;

    Log lease = log();
    final Log requests = log();
    final Log quotas = log();
    final Log audits = log();
    final Log decisions = log();
    final Log telemetry = log();

    /**
     * A record.
     *
     * @param value null: a tombstone
     * @param author for the checks alone; no reader sees it
     */
    record Entry(long offset, long atMs, String key, byte[] value, String author) {}

    /** A topic of one partition. */
    static final class Log {
        final String id;
        private final List<Entry> entries = new ArrayList<>();
        private long end;

        private Log(String id) {
            this.id = id;
        }

        /** Offset of the next record. */
        long end() {
            return end;
        }

        /** Records from an offset on, some of them at most. */
        List<Entry> from(long offset, int most) {
            int low = 0;
            int high = entries.size();
            while (low < high) {
                int middle = (low + high) / 2;
                if (entries.get(middle).offset < offset) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return entries.subList(low, low + Math.min(entries.size() - low, most));
        }

        private void compact(long beforeMs) {
            Set<String> later = new HashSet<>();
            for (int i = entries.size() - 1; i >= 0; i--) {
                Entry entry = entries.get(i);
                if (!later.add(entry.key) && entry.atMs < beforeMs) {
                    entries.remove(i);
                }
            }
        }
    }

    Broker(World world) {
        this.world = world;
    }

    private Log log() {
        return new Log("topic-" + topics++);
    }

    boolean up() {
        return world.nowMs >= downUntilMs;
    }

    void goDown(long forMs) {
        world.say("broker", "is away for " + forMs + " ms");
        downUntilMs = world.nowMs + forMs;
    }

    void heal() {
        downUntilMs = 0;
    }

    void stepClock(long byMs) {
        world.say("broker", "its clock is set by " + byMs + " ms");
        clockOffsetMs += byMs;
        disturbedUntilMs = world.nowMs + 4000;
    }

    void makeLeaseAgain() {
        lease = log();
        disturbedUntilMs = world.nowMs + 8000;
        world.say("broker", "the lease topic is made again: " + lease.id);
    }

    /** What is superseded for long goes. */
    void compact() {
        quotas.compact(nowMs());
        decisions.compact(nowMs() - 10_000);
    }

    long append(Log log, String key, byte[] value, String author) {
        log.entries.add(new Entry(log.end, nowMs(), key, value, author));
        return log.end++;
    }

    /** Shuts out every earlier producer of transactions. */
    int openTransactions() {
        return ++epoch;
    }

    /**
     * Appends quotas and audits, all or nothing.
     *
     * @return false when another has shut this producer out
     */
    boolean commit(int ofEpoch, List<Ruled> ruled, long nowUnixMs, String author) {
        if (ofEpoch != epoch && world.broken != Broken.BROKER_FENCES_NO_TRANSACTION) {
            return false;
        }
        for (Ruled one : ruled) {
            String tenant = one.request().tenant();
            switch (one.ruling()) {
                case Ruling.Accepted(var quota) -> append(quotas, tenant, LedgerDoor.quota(quota), author);
                case Ruling.Removed(var gone) -> append(quotas, gone, null, author);
                case Ruling.Refused(var reason) -> {
                    // Only the audit tells of it.
                }
            }
            append(audits, tenant, LedgerDoor.audit(one, requests.id, nowUnixMs), author);
        }
        return true;
    }

    private long nowMs() {
        return world.nowMs + clockOffsetMs;
    }
}
