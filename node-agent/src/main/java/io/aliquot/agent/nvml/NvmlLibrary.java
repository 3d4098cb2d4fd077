package io.aliquot.agent.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The symbols of libnvidia-ml.so.1, one handle each. Names and signatures are those of nvml.h. Loaded for the life of
 * the process: NVML keeps threads and signal state that don't survive being unloaded.
 */
final class NvmlLibrary {
    static final String NAME = "libnvidia-ml.so.1";

    final MethodHandle init;
    final MethodHandle shutdown;
    final MethodHandle errorString;
    final MethodHandle deviceCount;
    final MethodHandle deviceByIndex;
    final MethodHandle deviceUuid;
    final MethodHandle deviceName;
    final MethodHandle memoryInfo;
    final MethodHandle utilizationRates;
    /** Drivers from 510 on. Unlike v1 it doesn't count the driver's reserve as used. */
    final Optional<MethodHandle> memoryInfoV2;
    /** Drivers from 510 on. */
    final Optional<MethodHandle> computeProcesses;

    final Optional<MethodHandle> driverVersion;

    /** The simulator's alone (limiter-native/sim/nvml.h). */
    final Optional<MethodHandle> askGpus;

    private final SymbolLookup symbols;

    /** @throws IllegalArgumentException when the library can't be loaded; @throws NoSuchElementException for a symbol */
    NvmlLibrary(Optional<Path> path) {
        symbols = path.map(p -> SymbolLookup.libraryLookup(p, Arena.global()))
                .orElseGet(() -> SymbolLookup.libraryLookup(NAME, Arena.global()));
        init = need("nvmlInit_v2", JAVA_INT);
        shutdown = need("nvmlShutdown", JAVA_INT);
        errorString = need("nvmlErrorString", ADDRESS, JAVA_INT);
        deviceCount = need("nvmlDeviceGetCount_v2", JAVA_INT, ADDRESS);
        deviceByIndex = need("nvmlDeviceGetHandleByIndex_v2", JAVA_INT, JAVA_INT, ADDRESS);
        deviceUuid = need("nvmlDeviceGetUUID", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        deviceName = need("nvmlDeviceGetName", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        memoryInfo = need("nvmlDeviceGetMemoryInfo", JAVA_INT, ADDRESS, ADDRESS);
        utilizationRates = need("nvmlDeviceGetUtilizationRates", JAVA_INT, ADDRESS, ADDRESS);
        memoryInfoV2 = find("nvmlDeviceGetMemoryInfo_v2", JAVA_INT, ADDRESS, ADDRESS);
        computeProcesses = find("nvmlDeviceGetComputeRunningProcesses_v3", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
        driverVersion = find("nvmlSystemGetDriverVersion", JAVA_INT, ADDRESS, JAVA_INT);
        askGpus = find("aliquot_sim_ask_gpus", JAVA_INT, JAVA_INT);
    }

    /** @return NVML's own words for a code */
    String describe(int code) {
        try {
            MemorySegment text = (MemorySegment) errorString.invokeExact(code);
            return MemorySegment.NULL.equals(text)
                    ? "no text"
                    : text.reinterpret(256).getString(0);
        } catch (Throwable failure) {
            throw new AssertionError("nvmlErrorString has another signature", failure);
        }
    }

    private MethodHandle need(String symbol, MemoryLayout result, MemoryLayout... arguments) {
        return find(symbol, result, arguments)
                .orElseThrow(() -> new NoSuchElementException(NAME + " has no symbol " + symbol));
    }

    private Optional<MethodHandle> find(String symbol, MemoryLayout result, MemoryLayout... arguments) {
        return symbols.find(symbol)
                .map(address ->
                        Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(result, arguments)));
    }
}
