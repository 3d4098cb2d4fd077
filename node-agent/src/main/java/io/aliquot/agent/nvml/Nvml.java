package io.aliquot.agent.nvml;

import io.aliquot.agent.model.GpuFault;
import io.aliquot.agent.model.GpuInfo;
import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuReadings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The GPUs of this machine as NVML sees them. One thread at a time: {@link #open} may happen on one thread and the
 * readings on another that was started after it.
 */
public final class Nvml implements AutoCloseable {
    private static final String FIX = "install the NVIDIA driver or use --gpu sim";

    private final NvmlCalls calls;
    private final List<NvmlCalls.Device> devices;
    private final List<GpuInfo> gpus;
    private final List<GpuFault> leftOut;
    private final String driverVersion;

    private Nvml(NvmlCalls calls, List<NvmlCalls.Device> devices, List<GpuInfo> gpus, List<GpuFault> leftOut) {
        this.calls = calls;
        this.devices = List.copyOf(devices);
        this.gpus = List.copyOf(gpus);
        this.leftOut = List.copyOf(leftOut);
        this.driverVersion = calls.driverVersion();
    }

    /**
     * Loads and initialises NVML and lists the GPUs.
     *
     * @param library a library by its path, such as the simulator's, whose GPUs then count as simulated; nothing for the
     *     driver's own, found by the loader
     */
    public static NvmlResult open(Optional<Path> library) {
        return open(library, OptionalInt.empty());
    }

    /**
     * Loads the simulator. While other processes use the same simulation, or this one has done so, it has as many GPUs as it
     * had.
     *
     * @param gpus how many to ask for; nothing for what the environment says
     */
    public static NvmlResult simulate(Path library, OptionalInt gpus) {
        return open(Optional.of(library), gpus);
    }

    private static NvmlResult open(Optional<Path> library, OptionalInt simulatedGpus) {
        String what = library.map(Path::toString).orElse(NvmlLibrary.NAME);
        NvmlCalls calls;
        try {
            calls = new NvmlCalls(new NvmlLibrary(library));
        } catch (IllegalArgumentException absent) {
            return new NvmlResult.Absent(what + " can't be loaded", fix(library));
        } catch (NoSuchElementException tooOld) {
            return new NvmlResult.Absent(String.valueOf(tooOld.getMessage()), "install a driver from version 470 on");
        }
        try {
            if (simulatedGpus.isPresent()) {
                calls.askGpus(simulatedGpus.getAsInt());
            }
            calls.init();
        } catch (NvmlException unable) {
            calls.close();
            return new NvmlResult.Absent(what + ": " + unable.getMessage(), fix(library));
        }
        try {
            return new NvmlResult.Opened(list(calls, library.isPresent()));
        } catch (NvmlException unable) {
            shutDown(calls);
            return new NvmlResult.Absent(what + ": " + unable.getMessage(), fix(library));
        }
    }

    private static String fix(Optional<Path> library) {
        return library.isPresent() ? "build limiter-native, which makes it, or name the folder that has it" : FIX;
    }

    private static Nvml list(NvmlCalls calls, boolean byPath) throws NvmlException {
        List<NvmlCalls.Device> devices = new ArrayList<>();
        List<GpuInfo> gpus = new ArrayList<>();
        List<GpuFault> leftOut = new ArrayList<>();
        int count = calls.count();
        for (int i = 0; i < count; i++) {
            try {
                NvmlCalls.Device device = calls.device(i);
                gpus.add(describe(calls, device, gpus.size(), byPath));
                devices.add(device);
            } catch (NvmlException lost) {
                leftOut.add(new GpuFault(i, String.valueOf(lost.getMessage())));
            }
        }
        return new Nvml(calls, devices, gpus, leftOut);
    }

    private static GpuInfo describe(NvmlCalls calls, NvmlCalls.Device device, int index, boolean byPath)
            throws NvmlException {
        String name = calls.name(device);
        boolean simulated = byPath || name.contains("Simulated");
        return new GpuInfo(index, calls.uuid(device), name, calls.memory(device).totalBytes(), simulated);
    }

    /** @return devices that NVML counts and that could not be read at open, by NVML's index: they are not served */
    public List<GpuFault> leftOut() {
        return leftOut;
    }

    /** @return the driver's version, as NVML gave it at open; empty where it does not */
    public String driverVersion() {
        return driverVersion;
    }

    /** @return the GPUs in NVML's order, fixed at open; indexes have no gap */
    public List<GpuInfo> gpus() {
        return gpus;
    }

    /** Reads every GPU once. A GPU that fails (lost, reset) is among the faults; the others are read all the same. */
    public GpuReadings read() {
        List<GpuReading> readings = new ArrayList<>();
        List<GpuFault> faults = new ArrayList<>();
        for (GpuInfo gpu : gpus) {
            NvmlCalls.Device device = devices.get(gpu.index());
            try {
                readings.add(new GpuReading(
                        gpu.index(),
                        calls.memory(device).usedBytes(),
                        calls.utilizationPermille(device),
                        calls.computeProcesses(device)));
            } catch (NvmlException fault) {
                faults.add(new GpuFault(gpu.index(), String.valueOf(fault.getMessage())));
            }
        }
        return new GpuReadings(readings, faults);
    }

    @Override
    public void close() {
        shutDown(calls);
    }

    private static void shutDown(NvmlCalls calls) {
        try {
            calls.shutdown();
        } catch (NvmlException ignored) {
            // Nothing is left to undo: the library stays loaded and the process is done with it.
        } finally {
            calls.close();
        }
    }
}
