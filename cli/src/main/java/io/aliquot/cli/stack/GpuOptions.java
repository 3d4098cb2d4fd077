package io.aliquot.cli.stack;

import io.aliquot.agent.app.GpuMode;
import io.aliquot.cli.text.Converters;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which GPUs an agent serves, for every command that runs one. */
public final class GpuOptions {
    @Option(
            names = "--gpu",
            paramLabel = "WHICH",
            defaultValue = "auto",
            description = "sim: simulated GPUs; real: this machine's; auto: the real ones where there are any"
                    + " (default: auto).")
    private GpuMode mode;

    @Option(
            names = "--sim-gpus",
            paramLabel = "N",
            converter = Converters.SimulatedGpus.class,
            description = "How many GPUs to simulate, 1 to 8 (default: $ALIQUOT_SIM_GPUS, else 1).")
    private @Nullable Integer simulated;

    public GpuMode mode() {
        return mode;
    }

    /** How many a simulation is to have; nothing when it was not said. */
    public OptionalInt simulated() {
        return simulated == null ? OptionalInt.empty() : OptionalInt.of(simulated);
    }
}
