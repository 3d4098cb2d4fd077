package io.aliquot.agent.api;

import io.aliquot.agent.model.TenantUsage;
import io.aliquot.schema.ServiceClass;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The series of one tenant on one GPU. One thread records and removes. */
final class TenantSeries {
    private static final double NS_PER_SECOND = 1e9;

    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final Counter gpuSeconds;
    private final Counter waitedSeconds;
    private final Counter blockedSeconds;
    private final Counter launches;
    private final Counter anomalies;
    private final Counter unhookedLookups;
    private volatile TenantUsage last =
            new TenantUsage("-", 0, 0, 0, 0, 0, 0, 0, 0, ServiceClass.STANDARD, 0, 0, 0, 0, 0, 0, 0);

    TenantSeries(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        gpuSeconds = counter("gpu.seconds", "GPU time used");
        waitedSeconds = counter("waited.seconds", "Time that launches were held back, summed over threads");
        blockedSeconds = counter("blocked.seconds", "Time in which at least one launch was held back");
        launches = counter("launches", "Kernels and graphs launched");
        anomalies = counter("anomalies", "What the node refused or corrected");
        unhookedLookups = counter("unhooked.lookups", "Look-ups of GPU work that the limiter does not know");
        gauge("memory.used.bytes", "GPU memory held", TenantUsage::memoryUsedBytes);
        gauge("memory.limit.bytes", "GPU memory limit; 0: none", TenantUsage::memoryLimitBytes);
        gauge(
                "memory.overhead.bytes",
                "GPU memory that NVML shows beyond what is held: contexts, modules, rounding; in no limit",
                TenantUsage::memoryOverheadBytes);
        gauge("pinned.bytes", "Host memory pinned, the same on each of the node's GPUs", TenantUsage::pinnedBytes);
        gauge("share.target.permille", "Share of the GPU's time that is expected", TenantUsage::targetPermille);
        gauge(
                "share.guaranteed.permille",
                "Its fair share of the GPU's time when all want all",
                TenantUsage::guaranteedPermille);
        gauge("weight", "Relative claim under contention", TenantUsage::weight);
        gauge("processes", "Processes connected", TenantUsage::processes);
        for (ServiceClass any : ServiceClass.values()) {
            gauge(
                    "class",
                    "The tenant's class: 1 on the one that it has",
                    usage -> usage.serviceClass() == any ? 1 : 0,
                    "class",
                    any.word());
        }
    }

    void record(TenantUsage usage, double intervalSeconds) {
        last = usage;
        gpuSeconds.increment(usage.gpuNs() / NS_PER_SECOND);
        waitedSeconds.increment(usage.waitedNs() / NS_PER_SECOND);
        blockedSeconds.increment(usage.blockedPermille() * intervalSeconds / 1000);
        launches.increment((double) usage.launches());
        anomalies.increment((double) usage.anomalies());
        unhookedLookups.increment((double) usage.unhookedLookups());
    }

    void remove() {
        meters.forEach(registry::remove);
    }

    private Counter counter(String name, String description) {
        Counter counter = Counter.builder("aliquot.tenant." + name)
                .description(description)
                .tags(tags)
                .register(registry);
        meters.add(counter);
        return counter;
    }

    private void gauge(String name, String description, ToDoubleFunction<TenantUsage> value, String... moreTags) {
        meters.add(Gauge.builder("aliquot.tenant." + name, this, series -> value.applyAsDouble(series.last))
                .description(description)
                .tags(tags.and(moreTags))
                .register(registry));
    }
}
