package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.account.ByteTime;
import io.aliquot.controller.account.GpuHour;
import io.aliquot.controller.account.GpuTime;
import io.aliquot.controller.account.NodeMark;
import io.aliquot.controller.account.TenantTime;
import io.aliquot.released.ReleasedRecords;
import io.aliquot.schema.v1.LedgerEntry;
import io.aliquot.schema.v1.LedgerMark;
import io.aliquot.schema.v1.LedgerPosition;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Accounts as each release wrote them, and as a later one may. */
class ReleasedLedgerTest {
    @Test
    void readsEntries() throws Exception {
        TenantTime used = new TenantTime(2, 3, 4, 5, 6, new ByteTime(7, 8));
        GpuTime time = new GpuTime(9, 5, 6, true, new TreeMap<>(Map.of("tenant-0", used, "tenant-1", used)));
        for (byte[] record : ReleasedRecords.of("LedgerEntry")) {
            byte[] later = ReleasedRecords.withUnknownFields(LedgerEntry.parseFrom(record));
            for (byte[] bytes : new byte[][] {record, later}) {
                LedgerEntry entry = LedgerCodec.entry(bytes);
                assertThat(LedgerCodec.name(entry, UnaryOperator.identity()))
                        .isEqualTo(new GpuHour(1, "node-0", "gpu-uuid-0"));
                assertThat(LedgerCodec.time(entry, UnaryOperator.identity())).isEqualTo(time);
            }
        }
    }

    @Test
    void readsMarks() throws Exception {
        for (byte[] record : ReleasedRecords.of("LedgerMark")) {
            byte[] later = ReleasedRecords.withUnknownFields(LedgerMark.parseFrom(record));
            for (byte[] bytes : new byte[][] {record, later}) {
                assertThat(LedgerCodec.mark(bytes).getNode()).isEqualTo("node-0");
                assertThat(LedgerCodec.mark(LedgerCodec.mark(bytes))).isEqualTo(new NodeMark(2, 3, 4));
            }
        }
    }

    @Test
    void readsThePosition() throws Exception {
        for (byte[] record : ReleasedRecords.of("LedgerPosition")) {
            byte[] later = ReleasedRecords.withUnknownFields(LedgerPosition.parseFrom(record));
            for (byte[] bytes : new byte[][] {record, later}) {
                assertThat(LedgerCodec.place(bytes))
                        .isEqualTo(new LedgerPlace("telemetry-topic-id-0", Map.of(1, 2L), 3, 4));
            }
        }
    }
}
