package io.aliquot.agent.api;

import io.aliquot.agent.model.GpuReading;
import io.aliquot.agent.model.GpuUsage;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The series of one GPU. One thread records. What could not be read is NaN, never an old value. */
final class GpuSeries {
    private volatile @Nullable GpuUsage last;

    GpuSeries(MeterRegistry registry, Tags tags) {
        gauge(
                registry,
                tags,
                "memory.total.bytes",
                "Memory of the GPU",
                usage -> usage.gpu().memoryTotalBytes());
        gauge(
                registry,
                tags,
                "memory.used.bytes",
                "Memory in use, by NVML",
                usage -> reading(usage, GpuReading::memoryUsedBytes));
        gauge(
                registry,
                tags,
                "utilization.permille",
                "NVML's utilisation: 1000 under any load",
                usage -> reading(usage, GpuReading::utilizationPermille));
        gauge(
                registry,
                tags,
                "up",
                "1 while NVML reads the GPU",
                usage -> usage.reading().isPresent() ? 1 : 0);
        gauge(
                registry,
                tags,
                "unlimited.processes",
                "Processes on the GPU with no limiter",
                usage -> usage.unlimited().size());
    }

    void record(GpuUsage usage) {
        last = usage;
    }

    private static double reading(GpuUsage usage, ToDoubleFunction<GpuReading> value) {
        Optional<GpuReading> reading = usage.reading();
        return reading.isPresent() ? value.applyAsDouble(reading.get()) : Double.NaN;
    }

    private void gauge(
            MeterRegistry registry, Tags tags, String name, String description, ToDoubleFunction<GpuUsage> value) {
        Gauge.builder("aliquot.gpu." + name, this, series -> series.value(value))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private double value(ToDoubleFunction<GpuUsage> value) {
        GpuUsage usage = last;
        return usage == null ? Double.NaN : value.applyAsDouble(usage);
    }
}
