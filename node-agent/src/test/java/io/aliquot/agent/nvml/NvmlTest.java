package io.aliquot.agent.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.Natives;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuReadings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlTest {
    /** An NVML of the oldest kind that is served, with 200 processes; it loses its GPU at the third reading. */
    private static final String STUB = """
            #include <string.h>
            struct process { unsigned pid; unsigned long long bytes; unsigned gpu, compute; };
            static int readings;
            int nvmlInit_v2(void) { return 0; }
            int nvmlShutdown(void) { return 0; }
            const char *nvmlErrorString(int code) { return code == 15 ? "GPU is lost" : "other"; }
            int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = &readings; return index != 0; }
            int nvmlDeviceGetUUID(void *device, char *text, unsigned bytes) { strcpy(text, "GPU-stub"); return 0; }
            int nvmlDeviceGetName(void *device, char *text, unsigned bytes) { strcpy(text, "Stub"); return 0; }
            int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory)
            { memory[0] = 1000; memory[1] = 600; memory[2] = 400; return ++readings > 3 ? 15 : 0; }
            int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) { rates[0] = 37; rates[1] = 9; return 0; }
            int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, struct process *processes)
            {
                unsigned room = *count;
                *count = 200;
                for (unsigned i = 0; i < 200 && room >= 200; i++)
                    processes[i] = (struct process){i + 1, i == 0 ? ~0ull : i, 0, 0};
                return room < 200 ? 7 : 0;
            }
            """;

    @TempDir
    Path folder;

    @Test
    void readsTheSimulatedGpu() {
        Path simulator = Natives.simulator(Natives.folder());

        try (Nvml nvml = opened(Nvml.open(Optional.of(simulator)))) {
            GpuInfo gpu = nvml.gpus().getFirst();
            assertThat(gpu.uuid()).startsWith("GPU-").hasSize(40);
            assertThat(gpu.simulated()).isTrue();
            assertThat(gpu.memoryTotalBytes()).isPositive();
            GpuReadings readings = nvml.read();
            assertThat(readings.faults()).isEmpty();
            assertThat(readings.readings()).hasSameSizeAs(nvml.gpus());
        }
    }

    @Test
    void growsItsListOfProcesses() throws Exception {
        try (Nvml nvml = opened(Nvml.open(Optional.of(Natives.compile(folder, "many", STUB))))) {
            GpuReading reading = nvml.read().of(0).orElseThrow();

            assertThat(reading.memoryUsedBytes()).isEqualTo(400);
            assertThat(reading.utilizationPermille()).isEqualTo(370);
            assertThat(reading.processes()).hasSize(200);
            assertThat(reading.processes().getFirst().memoryUsedBytes()).isZero();
            assertThat(reading.processes().getLast().memoryUsedBytes()).isEqualTo(199);
        }
    }

    @Test
    void reportsALostGpuAndGoesOn() throws Exception {
        try (Nvml nvml = opened(Nvml.open(Optional.of(Natives.compile(folder, "lost", STUB))))) {
            nvml.read();
            nvml.read();
            GpuReadings readings = nvml.read();

            assertThat(readings.readings()).isEmpty();
            assertThat(readings.faults().getFirst().reason())
                    .contains("nvmlDeviceGetMemoryInfo")
                    .contains("15")
                    .contains("GPU is lost");
        }
    }

    @Test
    void saysWhatToDoWithoutALibrary() throws Exception {
        assertThat(Nvml.open(Optional.of(folder.resolve("libnone.so"))))
                .isInstanceOfSatisfying(NvmlResult.Absent.class, absent -> {
                    assertThat(absent.reason()).contains("libnone.so");
                    assertThat(absent.fix()).isNotBlank();
                });
        assertThat(Nvml.open(Optional.of(Natives.compile(folder, "empty", "int nothing;"))))
                .isInstanceOfSatisfying(
                        NvmlResult.Absent.class,
                        absent -> assertThat(absent.reason()).contains("nvmlInit_v2"));
    }

    @Test
    void asksNoOtherLibraryThanTheSimulatorForGpus() throws Exception {
        assertThat(Nvml.simulate(Natives.compile(folder, "other", STUB), OptionalInt.of(2)))
                .isInstanceOfSatisfying(
                        NvmlResult.Absent.class,
                        absent -> assertThat(absent.reason()).contains("no simulator of this build"));
    }

    @Test
    void saysWhatTheDriverAnswered() throws Exception {
        String source = STUB.replace("int nvmlInit_v2(void) { return 0; }", "int nvmlInit_v2(void) { return 9; }");

        assertThat(Nvml.open(Optional.of(Natives.compile(folder, "noinit", source))))
                .isInstanceOfSatisfying(
                        NvmlResult.Absent.class,
                        absent -> assertThat(absent.reason()).contains("nvmlInit_v2 returned 9"));
    }

    private static Nvml opened(NvmlResult result) {
        return switch (result) {
            case NvmlResult.Opened(Nvml nvml) -> nvml;
            case NvmlResult.Absent absent -> throw new AssertionError(absent.toString());
        };
    }
}
