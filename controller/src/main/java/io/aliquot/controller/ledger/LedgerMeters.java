package io.aliquot.controller.ledger;

import io.aliquot.controller.account.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the ledger tells of itself. Any thread. */
final class LedgerMeters {
    private static final String PREFIX = "aliquot.controller.ledger.";

    private final MeterRegistry registry;
    private final BiConsumer<ConsumerRecord<String, byte[]>, RuntimeException> poison;
    private final AtomicLong lagRecords;
    private final AtomicLong entries;
    private final Counter commits;
    private final Counter lost;
    private final Counter missed;
    private final Counter clocks;

    /** @param poison takes records that can't be read */
    LedgerMeters(MeterRegistry registry, BiConsumer<ConsumerRecord<String, byte[]>, RuntimeException> poison) {
        this.poison = poison;
        this.registry = registry;
        this.lagRecords = gauge("lag.records");
        this.entries = gauge("entries");
        this.commits = registry.counter(PREFIX + "commits");
        this.lost = registry.counter(PREFIX + "gaps", "cause", "sequence");
        this.missed = registry.counter(PREFIX + "gaps", "cause", "retention");
        this.clocks = registry.counter(PREFIX + "clocks.off");
        for (Outcome.Refused why : Outcome.Refused.values()) {
            rejected(why);
        }
    }

    /** A record was entered, or why it was not. */
    void count(Outcome outcome) {
        switch (outcome) {
            case Outcome.Entered(long lostRecords, boolean clockOff) -> {
                lost.increment((double) lostRecords);
                clocks.increment(clockOff ? 1 : 0);
            }
            case Outcome.Refused why -> rejected(why).increment();
        }
    }

    /** A record could not be read. */
    void malformed(ConsumerRecord<String, byte[]> record, RuntimeException why) {
        registry.counter(PREFIX + "rejected", "reason", "malformed in " + record.topic())
                .increment();
        poison.accept(record, why);
    }

    void missed(long records) {
        missed.increment((double) records);
    }

    void lag(long records) {
        lagRecords.set(records);
    }

    void committed(int entriesNow) {
        entries.set(entriesNow);
        commits.increment();
    }

    private Counter rejected(Outcome.Refused why) {
        String reason = why.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return registry.counter(PREFIX + "rejected", "reason", reason);
    }

    /** Of this ledger, instead of one that was closed. */
    private AtomicLong gauge(String name) {
        AtomicLong value = new AtomicLong();
        Gauge before = registry.find(PREFIX + name).gauge();
        if (before != null) {
            registry.remove(before);
        }
        registry.gauge(PREFIX + name, value);
        return value;
    }
}
