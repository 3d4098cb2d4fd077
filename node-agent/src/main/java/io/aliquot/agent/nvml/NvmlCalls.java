package io.aliquot.agent.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aliquot.agent.model.GpuProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** NVML's functions in Java's terms. The out-structs are allocated once, so only one thread at a time may call. */
final class NvmlCalls implements AutoCloseable {
    /** NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE are both 96 (nvml.h). */
    private static final int TEXT_BYTES = 96;

    /** nvmlMemory_v2_t is {u32 version, u64 total, reserved, free, used}; version is size | 2 << 24 (nvml.h). */
    private static final int MEMORY_V2_BYTES = 40;

    private static final int MEMORY_V2_VERSION = MEMORY_V2_BYTES | 2 << 24;

    /** nvmlProcessInfo_t is {u32 pid, u64 usedGpuMemory, u32 gpuInstanceId, computeInstanceId} (nvml.h). */
    private static final int PROCESS_BYTES = 24;

    /** A device handle of NVML's; valid until shutdown. */
    record Device(MemorySegment handle) {}

    /** A GPU's memory. */
    record Memory(long totalBytes, long usedBytes) {}

    private final NvmlLibrary library;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment word = arena.allocate(JAVA_LONG);
    private final MemorySegment text = arena.allocate(TEXT_BYTES);
    private final MemorySegment memory = arena.allocate(MEMORY_V2_BYTES, 8);
    private final MemorySegment utilization = arena.allocate(8, 4);
    private MemorySegment processes = arena.allocate(64L * PROCESS_BYTES, 8);

    NvmlCalls(NvmlLibrary library) {
        this.library = library;
    }

    void init() throws NvmlException {
        check("nvmlInit_v2", call(library.init));
    }

    /** Asks the simulator for a number of GPUs; before {@link #init}. Any other library refuses. */
    void askGpus(int count) throws NvmlException {
        Optional<MethodHandle> ask = library.askGpus;
        if (ask.isEmpty()) {
            throw new NvmlException(
                    "aliquot_sim_ask_gpus", NvmlException.FUNCTION_NOT_FOUND, "no simulator of this build");
        }
        int code;
        try {
            code = (int) ask.get().invokeExact(count);
        } catch (Throwable failure) {
            throw signature(failure);
        }
        check("aliquot_sim_ask_gpus", code);
    }

    void shutdown() throws NvmlException {
        check("nvmlShutdown", call(library.shutdown));
    }

    /** @return empty where NVML doesn't tell */
    String driverVersion() {
        if (library.driverVersion.isEmpty()) {
            return "";
        }
        try {
            int code = (int) library.driverVersion.get().invokeExact(text, TEXT_BYTES);
            return code == 0 ? text.getString(0) : "";
        } catch (Throwable failure) {
            throw signature(failure);
        }
    }

    int count() throws NvmlException {
        check("nvmlDeviceGetCount_v2", call(library.deviceCount, word));
        return word.get(JAVA_INT, 0);
    }

    Device device(int index) throws NvmlException {
        int code;
        try {
            code = (int) library.deviceByIndex.invokeExact(index, word);
        } catch (Throwable failure) {
            throw signature(failure);
        }
        check("nvmlDeviceGetHandleByIndex_v2", code);
        return new Device(word.get(ADDRESS, 0));
    }

    String uuid(Device device) throws NvmlException {
        return text("nvmlDeviceGetUUID", library.deviceUuid, device);
    }

    String name(Device device) throws NvmlException {
        return text("nvmlDeviceGetName", library.deviceName, device);
    }

    /** Version 2 where the driver has it: version 1 counts the driver's own reserve as used. */
    Memory memory(Device device) throws NvmlException {
        Optional<MethodHandle> newer = library.memoryInfoV2;
        if (newer.isPresent()) {
            memory.set(JAVA_INT, 0, MEMORY_V2_VERSION);
            int code = call(newer.get(), device.handle(), memory);
            if (code != NvmlException.NOT_SUPPORTED) {
                check("nvmlDeviceGetMemoryInfo_v2", code);
                return new Memory(memory.get(JAVA_LONG, 8), memory.get(JAVA_LONG, 32));
            }
        }
        check("nvmlDeviceGetMemoryInfo", call(library.memoryInfo, device.handle(), memory));
        return new Memory(memory.get(JAVA_LONG, 0), memory.get(JAVA_LONG, 16));
    }

    /** @return 0 where the GPU doesn't tell (MIG) */
    int utilizationPermille(Device device) throws NvmlException {
        int code = call(library.utilizationRates, device.handle(), utilization);
        if (code == NvmlException.NOT_SUPPORTED) {
            return 0;
        }
        check("nvmlDeviceGetUtilizationRates", code);
        return Math.clamp(utilization.get(JAVA_INT, 0), 0, 100) * 10;
    }

    /** @return none where the driver has no version 3 of the call, or the GPU doesn't tell */
    List<GpuProcess> computeProcesses(Device device) throws NvmlException {
        if (library.computeProcesses.isEmpty()) {
            return List.of();
        }
        MethodHandle handle = library.computeProcesses.get();
        int code;
        for (int attempt = 0; ; attempt++) {
            word.set(JAVA_INT, 0, Math.toIntExact(processes.byteSize() / PROCESS_BYTES));
            code = call(handle, device.handle(), word, processes);
            if (code != NvmlException.INSUFFICIENT_SIZE || attempt == 3) {
                break;
            }
            // The count now says how many there are; more may have come by the next call, hence the reserve.
            processes = arena.allocate((word.get(JAVA_INT, 0) + 32L) * 2 * PROCESS_BYTES, 8);
        }
        if (code == NvmlException.NOT_SUPPORTED) {
            return List.of();
        }
        check("nvmlDeviceGetComputeRunningProcesses_v3", code);
        return processes(word.get(JAVA_INT, 0));
    }

    private List<GpuProcess> processes(int count) {
        List<GpuProcess> found = new ArrayList<>(count);
        for (long at = 0; at < (long) count * PROCESS_BYTES; at += PROCESS_BYTES) {
            int processId = processes.get(JAVA_INT, at);
            long usedBytes = processes.get(JAVA_LONG, at + 8);
            if (processId > 0) {
                found.add(new GpuProcess(processId, Math.max(0, usedBytes))); // all ones: NVML can't tell
            }
        }
        return found;
    }

    private String text(String function, MethodHandle handle, Device device) throws NvmlException {
        int code;
        try {
            code = (int) handle.invokeExact(device.handle(), text, TEXT_BYTES);
        } catch (Throwable failure) {
            throw signature(failure);
        }
        check(function, code);
        return text.getString(0);
    }

    private void check(String function, int code) throws NvmlException {
        if (code != 0) {
            throw new NvmlException(function, code, library.describe(code));
        }
    }

    private static int call(MethodHandle handle) {
        try {
            return (int) handle.invokeExact();
        } catch (Throwable failure) {
            throw signature(failure);
        }
    }

    private static int call(MethodHandle handle, MemorySegment first) {
        try {
            return (int) handle.invokeExact(first);
        } catch (Throwable failure) {
            throw signature(failure);
        }
    }

    private static int call(MethodHandle handle, MemorySegment first, MemorySegment second) {
        try {
            return (int) handle.invokeExact(first, second);
        } catch (Throwable failure) {
            throw signature(failure);
        }
    }

    private static int call(MethodHandle handle, MemorySegment first, MemorySegment second, MemorySegment third) {
        try {
            return (int) handle.invokeExact(first, second, third);
        } catch (Throwable failure) {
            throw signature(failure);
        }
    }

    private static AssertionError signature(Throwable failure) {
        return new AssertionError("a handle of NVML has another signature than its call", failure);
    }

    @Override
    public void close() {
        arena.close();
    }
}
