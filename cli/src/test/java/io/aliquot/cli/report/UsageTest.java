package io.aliquot.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class UsageTest {
    private static final String TENANTS = """
            {"from":"2026-11-24T09:00:00Z","to":"2026-11-24T11:00:00Z","by":"tenant","until":"2026-11-24T10:20:30.5Z",
             "simulated":true,"idleGpuSeconds":0.000400002,"wallGpuSeconds":10.0005,"unobservedGpuSeconds":1.5,"missedRecords":7,
             "rows":[
              {"tenant":"a","usedGpuSeconds":6.000049999,"guaranteedGpuSeconds":5,"lentGpuSeconds":0,
               "borrowedGpuSeconds":1.000049999,"waitingSeconds":0.25,"memoryByteSeconds":1610612736,"simulated":true},
              {"tenant":"org/t/x","usedGpuSeconds":4.000049999,"guaranteedGpuSeconds":5,"lentGpuSeconds":0.999950001,
               "borrowedGpuSeconds":0,"waitingSeconds":0,"memoryByteSeconds":0,"simulated":true}],
             "total":{"usedGpuSeconds":10.000099998,"guaranteedGpuSeconds":10,"lentGpuSeconds":0.999950001,
               "borrowedGpuSeconds":1.000049999,"waitingSeconds":0.25,"memoryByteSeconds":1610612736}}
            """;
    private static final String GPUS = """
            {"from":"2026-11-24T09:00:00Z","to":"2026-11-24T11:00:00Z","by":"gpu","until":"2026-11-24T10:20:30.5Z",
             "simulated":false,"idleGpuSeconds":4,"wallGpuSeconds":10,"unobservedGpuSeconds":0,"missedRecords":0,
             "rows":[
              {"gpu":"GPU-1","node":"n","usedGpuSeconds":6,"guaranteedGpuSeconds":5,"lentGpuSeconds":0,"borrowedGpuSeconds":1,
               "waitingSeconds":0.25,"memoryByteSeconds":0,"idleGpuSeconds":4,"wallGpuSeconds":10,"unobservedGpuSeconds":0,
               "simulated":false}],
             "total":{"usedGpuSeconds":6,"guaranteedGpuSeconds":5,"lentGpuSeconds":0,
               "borrowedGpuSeconds":1,"waitingSeconds":0.25,"memoryByteSeconds":0}}
            """;

    @Test
    void theTableEndsWithIdleAndTheWallTime() throws Exception {
        assertThat(UsageTable.lines(usage(TENANTS)))
                .containsExactly(
                        "GPU-seconds from 2026-11-24 10:00 +01:00 to 2026-11-24 12:00 +01:00; used and idle is the wall time"
                                + " of the GPUs:",
                        "",
                        "TENANT      USED   GUARANTEED    LENT   BORROWED   WAITING   MEMORY GiB·s",
                        "a          6.000        5.000   0.000      1.000     0.250          1.500",
                        "org/t/x    4.000        5.000   1.000      0.000     0.000          0.000",
                        "(idle)     0.001",
                        "(total)   10.001       10.000   1.000      1.000     0.250          1.500",
                        "",
                        "It covers whole hours, with telemetry until 2026-11-24T10:20:30.5Z.",
                        "GPUs of it are simulated.",
                        "For about 1.5 GPU-seconds more there is no telemetry: they are in no tenant's row and not in the"
                                + " total.",
                        "7 records of telemetry were deleted before the ledger read them, since it began.");
    }

    @Test
    void csvIsExactAndSaysWhatEachLineIs() throws Exception {
        assertThat(UsageCsv.lines(usage(TENANTS)))
                .containsExactly(
                        "kind,name,node,simulated,used_gpu_seconds,guaranteed_gpu_seconds,lent_gpu_seconds,"
                                + "borrowed_gpu_seconds,waiting_seconds,memory_byte_seconds",
                        "tenant,a,,true,6.000049999,5,0,1.000049999,0.25,1610612736",
                        "tenant,org/t/x,,true,4.000049999,5,0.999950001,0,0,0",
                        "idle,,,true,0.000400002,,,,,",
                        "total,,,true,10.0005,10,0.999950001,1.000049999,0.25,1610612736");
    }

    @Test
    void aGpuHasItsOwnIdleTime() throws Exception {
        assertThat(UsageTable.lines(usage(GPUS)))
                .contains(
                        "GPU        USED    IDLE     WALL   UNOBSERVED   GUARANTEED    LENT   BORROWED   WAITING   MEMORY GiB·s",
                        "n GPU-1   6.000   4.000   10.000        0.000        5.000   0.000      1.000     0.250          0.000",
                        "(total)   6.000   4.000   10.000        0.000        5.000   0.000      1.000     0.250          0.000")
                .noneMatch(line -> line.contains("simulated") || line.contains("(idle)"));
        assertThat(UsageCsv.lines(usage(GPUS)))
                .contains("gpu,GPU-1,n,false,6,4,10,0,5,0,1,0.25,0", "total,,,false,6,4,10,0,5,0,1,0.25,0");
    }

    @Test
    void noTelemetryIsSaid() throws Exception {
        String empty =
                "{\"from\":\"2026-11-24T09:00:00Z\",\"to\":\"2026-11-24T11:00:00Z\",\"by\":\"tenant\",\"rows\":[]}";
        assertThat(UsageTable.lines(usage(empty)))
                .containsExactly("There is no telemetry from 2026-11-24 10:00 +01:00 to 2026-11-24 12:00 +01:00.");
    }

    @Test
    void aNameCantBreakALine() throws Exception {
        String names = TENANTS.replace("\"a\"", "\"=1+1,\\\"x\"");
        assertThat(UsageCsv.lines(usage(names))).anyMatch(line -> line.startsWith("tenant,\"'=1+1,\"\"x\",,"));
    }

    private static Usage usage(String json) throws Exception {
        ObjectMapper exact = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
        return new Usage(exact.readTree(json), ZoneId.of("Europe/Berlin"));
    }
}
