package io.aliquot.agent.app;

import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.nvml.Nvml;
import io.aliquot.agent.nvml.NvmlResult;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** Opens the NVML that the mode asks for, real or simulated, with at least one GPU behind it. */
final class GpuChoice {
    /** GPUs of a node (ALIQUOT_DEVICES of aliquot_page.h). */
    private static final int MOST = 16;

    private static final String DRIVER = "install the NVIDIA driver or use --gpu sim";

    private GpuChoice() {}

    /** @param simulatedGpus how many a simulation is to have, where that was said; real GPUs are then an error */
    static Nvml open(GpuMode mode, OptionalInt simulatedGpus, Path nativeDir) throws AgentException {
        return switch (mode) {
            case REAL -> {
                refuse(simulatedGpus);
                yield real();
            }
            case SIM -> simulated(simulatedGpus, nativeDir);
            case AUTO -> {
                Optional<Nvml> real = tryReal();
                if (real.isEmpty()) {
                    yield simulated(simulatedGpus, nativeDir);
                }
                Nvml nvml = checkCount(real.get());
                if (simulatedGpus.isPresent()) {
                    nvml.close();
                    refuse(simulatedGpus);
                }
                yield nvml;
            }
        };
    }

    private static void refuse(OptionalInt simulatedGpus) throws AgentException {
        if (simulatedGpus.isPresent()) {
            throw new AgentException(
                    "--sim-gpus " + simulatedGpus.getAsInt() + " is for simulated GPUs, and these are real",
                    "leave it out, or say --gpu sim");
        }
    }

    private static Optional<Nvml> tryReal() {
        return switch (Nvml.open(Optional.empty())) {
            case NvmlResult.Absent ignored -> Optional.empty();
            case NvmlResult.Opened(Nvml nvml) -> {
                if (hasReal(nvml)) {
                    yield Optional.of(nvml);
                }
                nvml.close();
                yield Optional.empty();
            }
        };
    }

    private static Nvml real() throws AgentException {
        return switch (Nvml.open(Optional.empty())) {
            case NvmlResult.Absent(String reason, String fix) -> throw new AgentException("no GPU: " + reason, fix);
            case NvmlResult.Opened(Nvml nvml) -> {
                if (!hasReal(nvml)) {
                    nvml.close();
                    throw new AgentException("no GPU: NVML answers but shows no real device", DRIVER);
                }
                yield checkCount(nvml);
            }
        };
    }

    /** A simulator on the loader's path, or loaded before, answers to NVML's name too. */
    private static boolean hasReal(Nvml nvml) {
        return !nvml.gpus().isEmpty() && nvml.gpus().stream().noneMatch(GpuInfo::simulated);
    }

    private static Nvml simulated(OptionalInt asked, Path nativeDir) throws AgentException {
        Path library = nativeDir.resolve("sim").resolve("libnvidia-ml.so.1");
        OptionalInt count = asked.isEmpty() && System.getenv("ALIQUOT_SIM_GPUS") == null ? OptionalInt.of(1) : asked;
        Nvml nvml = switch (Nvml.simulate(library, count)) {
            case NvmlResult.Absent(String reason, String fix) ->
                throw new AgentException("no simulated GPU: " + reason, fix);
            case NvmlResult.Opened(Nvml opened) -> checkCount(opened);
        };
        int found = nvml.gpus().size();
        if (asked.isPresent() && found != asked.getAsInt()) {
            nvml.close();
            throw new AgentException(
                    "--sim-gpus " + asked.getAsInt() + ": the simulation is in use, with GPUs: " + found,
                    "end the programs that use it, say --sim-gpus " + found
                            + ", or name another file for it in ALIQUOT_SIM");
        }
        return nvml;
    }

    private static Nvml checkCount(Nvml nvml) throws AgentException {
        int count = nvml.gpus().size();
        if (count < 1 || count > MOST) {
            nvml.close();
            throw new AgentException(
                    "NVML shows " + count + " GPUs; an agent serves 1 to " + MOST,
                    "show it fewer by its container's devices");
        }
        return nvml;
    }
}
