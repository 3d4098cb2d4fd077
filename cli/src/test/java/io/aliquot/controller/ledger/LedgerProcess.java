package io.aliquot.controller.ledger;

import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.schema.kafka.KafkaAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A ledger as a process of its own, to be killed. Arguments: brokers, id of the telemetry topic. */
final class LedgerProcess {
    private LedgerProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        UsageLedger ledger = new UsageLedger(
                LedgerClients.of(KafkaAccess.open(arguments[0])),
                arguments[1],
                TelemetryReader::parse,
                LedgerLab.meters(),
                Duration.ofMillis(1));
        ledger.start();
        new CountDownLatch(1).await();
    }

    static Process start(LedgerLab lab) throws java.io.IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LedgerProcess.class.getName(),
                        lab.bootstrap(),
                        lab.telemetryTopicId())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
