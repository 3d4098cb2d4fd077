package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.controller.account.Statement;
import io.aliquot.schema.kafka.KafkaAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The usage ledger against a real broker: each record of telemetry is in it exactly once, whatever happens to a ledger. */
class UsageLedgerIT {
    @TempDir
    Path dir;

    private LedgerLab lab;

    @BeforeEach
    void startBroker() throws Exception {
        lab = new LedgerLab(dir);
    }

    @AfterEach
    void stopBroker() {
        lab.close();
    }

    /** init, begin, two entries, two marks, the position, commit, begin: each is the last call once. */
    @Test
    void aLedgerThatDiesBetweenAnyTwoCallsNeitherLosesNorDoubles() throws Exception {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {
            if (!(error instanceof MortalClients.Death)) {
                error.printStackTrace();
            }
        });
        List<MortalClients> dead = new ArrayList<>();
        try {
            for (int calls = 0; calls < 20; calls++) {
                lab.telemetry(20);
                MortalClients clients = new MortalClients(LedgerClients.of(KafkaAccess.open(lab.bootstrap())), calls);
                dead.add(clients);
                UsageLedger mortal = lab.ledger(clients);
                mortal.start();
                await().atMost(Duration.ofSeconds(60))
                        .dontCatchUncaughtExceptions()
                        .until(() -> {
                            lab.telemetry(3); // so that there is something to write in the middle of
                            return !mortal.alive();
                        });
                clients.awaitDeath();
            }
            try (UsageLedger last = lab.ledger()) {
                last.start();
                lab.assertExact(last);
            }
        } finally {
            dead.forEach(MortalClients::close);
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void aProcessThatIsKilledNeitherLosesNorDoubles() throws Exception {
        for (int round = 0; round < 2; round++) {
            Process process = LedgerProcess.start(lab);
            try {
                long before = written();
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> {
                            lab.telemetry(3);
                            return written() > before + 100;
                        });
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        try (UsageLedger last = lab.ledger()) {
            last.start();
            lab.assertExact(last);
        }
    }

    @Test
    void ofTwoLedgersOnlyTheLaterWrites() throws Exception {
        try (UsageLedger first = lab.ledger();
                UsageLedger second = lab.ledger()) {
            first.start();
            lab.telemetry(100);
            lab.assertExact(first);
            second.start();
            for (int i = 0; i < 20; i++) {
                lab.telemetry(10);
                Thread.sleep(10);
            }
            first.close();
            lab.assertExact(second);
        }
    }

    @Test
    void goesOnWhenTheBrokerIsBack() throws Exception {
        try (UsageLedger ledger = lab.ledger()) {
            ledger.start();
            lab.telemetry(100);
            lab.assertExact(ledger);
            lab.restartBroker();
            lab.telemetry(100);
            lab.assertExact(ledger);
        }
    }

    @Test
    void telemetryThatWasDeletedBeforeItWasReadIsCountedAndUnobserved() throws Exception {
        lab.telemetry(10);
        Statement before;
        try (UsageLedger ledger = lab.ledger()) {
            ledger.start();
            before = lab.assertExact(ledger);
        }
        long read = lab.end();
        lab.telemetry(100);
        long deleted = lab.end() - 5;
        lab.deleteTelemetryUpTo(deleted);
        lab.telemetry(10);
        try (UsageLedger ledger = lab.ledger()) {
            ledger.start();
            long end = lab.end();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                LedgerPlace place = lab.committed().place();
                return place != null
                        && Long.valueOf(end).equals(place.nextOffsets().get(0));
            });
            LedgerHistory history = lab.committed();
            assertThat(history.place().missedRecords()).isEqualTo(deleted - read);
            assertThat(before.missedRecords()).isZero();
            long unobservedNs = history.entries().values().stream()
                    .mapToLong(time -> time.unobservedNs())
                    .sum();
            // Of two nodes, nearly a hundred intervals of 20 ms each.
            assertThat(unobservedNs).isBetween(2 * 1_800_000_000L, 2 * 2_300_000_000L);
        }
    }

    private long written() {
        return lab.committed().marks().isEmpty()
                ? 0
                : lab.committed().place().nextOffsets().get(0);
    }
}
