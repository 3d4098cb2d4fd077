package io.aliquot.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.aliquot.released.ReleasedRecords;
import io.aliquot.schema.Topics;
import io.aliquot.schema.v1.DecisionAck;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.InventoryGpu;
import io.aliquot.schema.v1.NodeInventory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records that nobody meant to write, for each type that is read (docs/adr/0016-simulation.md). More of them:
 * {@code -Daliquot.fuzz=1000000}; one again: {@code -Daliquot.fuzz-seed=7}.
 */
class RecordFuzzTest {
    private static final long RECORDS = Long.getLong("aliquot.fuzz", 3000);
    private static final Long ONE = Long.getLong("aliquot.fuzz-seed");

    /** Every so many, one has a text of 10 MB. */
    private static final int HUGE_EVERY = 1000;

    private static final int MOST_SHOWN = 500;

    /** What no release has sent yet. */
    private static final Map<String, Message> SINCE = Map.of(
            "DecisionAck",
            DecisionAck.newBuilder()
                    .setNode("node-1")
                    .setApplied(Fence.newBuilder()
                            .setLeaseTopicId("lease-topic-id-0")
                            .setTerm(2)
                            .setSequence(10))
                    .setAppliedAtUnixMs(1_700_000_000_000L)
                    .setSampleSequence(7)
                    .setSampleToAppliedUs(90_000)
                    .setReadToAppliedUs(300)
                    .build(),
            "NodeInventory",
            NodeInventory.newBuilder()
                    .setNode("node-1")
                    .setAgentVersion("0.2")
                    .setDriverVersion("580.1")
                    .putLabels("pool", "a")
                    .addGpus(InventoryGpu.newBuilder()
                            .setUuid("GPU-0")
                            .setName("H200")
                            .setMemoryTotalBytes(141L << 30))
                    .build());

    @BeforeAll
    static void quiet() {
        System.setProperty("org.slf4j.simpleLogger.log.io.aliquot.controller.ingest.History", "off");
    }

    /** What travels in a topic or in a file of a recording; what was kept aside is shown and read by nobody. */
    @Test
    void hasAReaderForEveryTypeOfRecord() {
        Set<String> types = new TreeSet<>(Set.of("RecordedTick"));
        Topics.all().stream()
                .filter(topic -> !topic.name().equals(Topics.POISON))
                .forEach(topic -> types.addAll(topic.messages()));
        assertThat(Readers.all()).containsOnlyKeys(types);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Decision",
                "DecisionAck",
                "NodeInventory",
                "Telemetry",
                "QuotaRequest",
                "TenantQuota",
                "QuotaAudit",
                "LeaseRecord",
                "LedgerEntry",
                "LedgerMark",
                "LedgerPosition",
                "Tick",
                "RecordedTick",
            })
    @Timeout(3600)
    void neitherBreaksAReaderNorIsTakenForWhatItIsNot(String type) throws Exception {
        Consumer<byte[]> reader = Readers.all().get(type);
        List<Message> valid = valid(type);
        valid.forEach(message -> reader.accept(message.toByteArray()));
        int[] taken = {0};
        LongStream seeds = ONE != null ? LongStream.of(ONE) : LongStream.range(0, RECORDS);
        seeds.forEach(seed -> taken[0] += read(type, reader, valid, seed) ? 1 : 0);
        if (ONE == null) {
            assertThat(taken[0]).as("records that were taken").isBetween(1, (int) (RECORDS - 1));
        }
    }

    private static boolean read(String type, Consumer<byte[]> reader, List<Message> valid, long seed) {
        Message from = valid.get((int) (seed % valid.size()));
        byte[] bytes = new Mutations(seed).of(from, seed % HUGE_EVERY == HUGE_EVERY - 1);
        try {
            reader.accept(bytes);
            return true;
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).as("why seed %s is refused", seed).isNotBlank();
            return false;
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            String shown = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MOST_SHOWN));
            throw new AssertionError(
                    type + " of seed " + seed + " breaks its reader: " + e + "\nbytes: " + shown
                            + "\nrun it again: ./mvnw -pl schemas,controller,node-agent,cli test -Dtest=RecordFuzzTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Daliquot.fuzz-seed=" + seed,
                    e);
        }
    }

    private static List<Message> valid(String type) throws Exception {
        if (SINCE.containsKey(type)) {
            return List.of(SINCE.get(type));
        }
        Message prototype = (Message) Class.forName("io.aliquot.schema.v1." + type)
                .getMethod("getDefaultInstance")
                .invoke(null);
        List<Message> valid = new ArrayList<>();
        for (byte[] record : ReleasedRecords.of(type)) {
            valid.add(prototype.getParserForType().parseFrom(record) instanceof Message message ? message : prototype);
        }
        return valid;
    }
}
