package io.aliquot.cli.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aliquot.cli.poison.PoisonCommand;
import io.aliquot.cli.text.Converters;
import io.aliquot.controller.app.Controller;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.PoisonReader;
import io.aliquot.schema.v1.PoisonRecord;
import io.aliquot.schema.v1.QuotaAudit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Records that a controller can't read, in every topic that it reads: what is kept of them, and how they are looked at. */
class PoisonIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] NOISE = {(byte) 0xff, 1, 2, 3};

    @TempDir
    Path dir;

    @Test
    void whatCantBeReadIsSkippedCountedAndKeptAside() throws Exception {
        try (Lab lab = new Lab(dir.resolve("broker"))) {
            try (Controller controller = lab.controller()) {
                for (String topic : List.of(Topics.QUOTA_REQUEST, Topics.TELEMETRY, Topics.LEASE)) {
                    lab.send(topic, "bad", NOISE);
                }
                assertThat(lab.put(controller, "a", "{\"weight\":2}").status()).isEqualTo(200);
                await().atMost(PATIENCE).until(() -> kept(lab).size() == 3);
                assertThat(lab.get(controller, "/metrics").json().getString("body"))
                        .contains("malformed_records_total{topic=\"" + Topics.QUOTA_REQUEST + "\"} 1.0")
                        .contains("malformed_records_total{topic=\"" + Topics.TELEMETRY + "\"} 1.0")
                        .contains("malformed_records_total{topic=\"" + Topics.LEASE + "\"} 1.0")
                        .contains("aliquot_controller_poison_dropped_total 0.0");
            }
            lab.send(Topics.QUOTA_AUDIT, "a", new byte[0]);
            lab.send(Topics.QUOTA_AUDIT, "a", QuotaAudit.newBuilder().build().toByteArray());
            lab.send(
                    Topics.TENANT_QUOTA,
                    "other",
                    lab.read(Topics.TENANT_QUOTA).getLast().value());
            lab.send(Topics.LEDGER, "entry/0/n/g", NOISE);
            int audits = lab.audits("a").size();
            try (Controller controller = lab.controller()) {
                await().atMost(PATIENCE).until(() -> kept(lab).size() == 7);
                assertThat(lab.get(controller, "/v1/tenants/other").status()).isEqualTo(404);
                assertThat(lab.put(controller, "a", "{\"weight\":3}").json().getLong("version"))
                        .isEqualTo(2);
                assertThat(lab.audits("a")).as("no request was answered twice").hasSize(audits + 1);
            }
            PoisonRecord request = kept(lab).stream()
                    .filter(record -> record.getTopic().equals(Topics.QUOTA_REQUEST))
                    .findFirst()
                    .orElseThrow();
            assertThat(request.getValue().toByteArray()).isEqualTo(NOISE);
            assertThat(request.getOffset()).isZero();
            assertThat(request.getReader()).startsWith("controller ");
            expectCommand(lab);
        }
    }

    private void expectCommand(Lab lab) {
        StringWriter out = new StringWriter();
        Path folder = dir.resolve("saved");
        CommandLine line = new CommandLine(new PoisonCommand()).setOut(new PrintWriter(out));
        Converters.register(line);
        int code = line.execute("--kafka", lab.bootstrap(), "--save", folder.toString());
        assertThat(code).isEqualTo(1);
        assertThat(out.toString())
                .contains(Topics.QUOTA_REQUEST + "-0 offset 0")
                .contains("REASON")
                .contains(Topics.LEDGER + "-0 offset ");
        assertThat(folder.resolve(Topics.QUOTA_REQUEST + "-0-0.bin")).hasBinaryContent(NOISE);
    }

    private static List<PoisonRecord> kept(Lab lab) {
        return PoisonReader.all(KafkaAccess.open(lab.bootstrap()), PATIENCE);
    }
}
