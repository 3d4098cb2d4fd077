package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Amount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a quota, in the units of its messages; not checked yet, so any value may be in it. What is null is not said.
 * Immutable.
 *
 * @param floorMilligpus thousandths of a GPU-equivalent; only one of this and floorPermille may be said
 * @param ceilingMilligpus thousandths of a GPU-equivalent; only one of this and ceilingPermille may be said
 * @param serviceClass number of a {@link io.aliquot.schema.ServiceClass}
 * @param gpuLabels replaces all labels; unmodifiable
 * @param gpuSpeedPermille replaces all factors, of the cluster alone; unmodifiable
 */
public record QuotaChange(
        @Nullable Long weight,
        @Nullable Long floorPermille,
        @Nullable Long floorMilligpus,
        @Nullable Long ceilingPermille,
        @Nullable Long ceilingMilligpus,
        @Nullable Boolean hardCeiling,
        @Nullable Integer serviceClass,
        @Nullable Long memoryLimitBytes,
        @Nullable Long historyHalfLifeSeconds,
        @Nullable Long burstCreditGpuSeconds,
        @Nullable Boolean gang,
        @Nullable SortedMap<String, String> gpuLabels,
        @Nullable SortedMap<String, Long> gpuSpeedPermille) {
    /** Nothing is said. */
    public static final QuotaChange NONE = new Builder().build();

    /** A tenant of which nothing was said. */
    public static final QuotaChange NEW_TENANT = new Builder()
            .weight(1L)
            .floorPermille(0L)
            .ceilingPermille(1000L)
            .hardCeiling(false)
            .serviceClass(0)
            .memoryLimitBytes(0L)
            .historyHalfLifeSeconds(0L)
            .burstCreditGpuSeconds(0L)
            .gang(false)
            .gpuLabels(Map.of())
            .build();

    /** The cluster itself, of which nothing was said. */
    public static final QuotaChange NEW_CLUSTER =
            new Builder().gpuSpeedPermille(Map.of()).build();

    public QuotaChange {
        gpuLabels = gpuLabels == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(gpuLabels));
        gpuSpeedPermille =
                gpuSpeedPermille == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(gpuSpeedPermille));
    }

    /** All that a quota says. */
    public static QuotaChange of(Quota quota) {
        if (quota.isCluster()) {
            SortedMap<String, Long> speeds = new TreeMap<>();
            quota.gpuSpeedPermille().forEach((label, permille) -> speeds.put(label, (long) permille));
            return new Builder().gpuSpeedPermille(speeds).build();
        }
        long floor = quota.floorMilligpus();
        long ceiling = quota.ceilingMilligpus();
        return new Builder()
                .weight((long) quota.weight())
                .floorPermille(floor > 0 ? null : (long) quota.floorPermille())
                .floorMilligpus(floor > 0 ? floor : null)
                .ceilingPermille(ceiling > 0 ? null : (long) quota.ceilingPermille())
                .ceilingMilligpus(ceiling > 0 ? ceiling : null)
                .hardCeiling(quota.hardCeiling())
                .serviceClass(quota.serviceClass().number())
                .memoryLimitBytes(quota.memoryLimitBytes())
                .historyHalfLifeSeconds(quota.historyHalfLifeSeconds())
                .burstCreditGpuSeconds(quota.burstCreditGpuSeconds())
                .gang(quota.gang())
                .gpuLabels(quota.gpuLabels())
                .build();
    }

    /** This where it says something, the other elsewhere; percent and GPUs replace each other. */
    public QuotaChange over(QuotaChange before) {
        boolean floor = floorPermille != null || floorMilligpus != null;
        boolean ceiling = ceilingPermille != null || ceilingMilligpus != null;
        return new QuotaChange(
                weight == null ? before.weight : weight,
                floor ? floorPermille : before.floorPermille,
                floor ? floorMilligpus : before.floorMilligpus,
                ceiling ? ceilingPermille : before.ceilingPermille,
                ceiling ? ceilingMilligpus : before.ceilingMilligpus,
                hardCeiling == null ? before.hardCeiling : hardCeiling,
                serviceClass == null ? before.serviceClass : serviceClass,
                memoryLimitBytes == null ? before.memoryLimitBytes : memoryLimitBytes,
                historyHalfLifeSeconds == null ? before.historyHalfLifeSeconds : historyHalfLifeSeconds,
                burstCreditGpuSeconds == null ? before.burstCreditGpuSeconds : burstCreditGpuSeconds,
                gang == null ? before.gang : gang,
                gpuLabels == null ? before.gpuLabels : gpuLabels,
                gpuSpeedPermille == null ? before.gpuSpeedPermille : gpuSpeedPermille);
    }

    /** The names of what is said, without the speed factors. */
    public List<String> saidOfATenant() {
        List<String> said = new ArrayList<>();
        note(said, "weight", weight);
        note(said, "floorPermille", floorPermille);
        note(said, "floorMilligpus", floorMilligpus);
        note(said, "ceilingPermille", ceilingPermille);
        note(said, "ceilingMilligpus", ceilingMilligpus);
        note(said, "hardCeiling", hardCeiling);
        note(said, "serviceClass", serviceClass);
        note(said, "memoryLimitBytes", memoryLimitBytes);
        note(said, "historyHalfLifeSeconds", historyHalfLifeSeconds);
        note(said, "burstCreditGpuSeconds", burstCreditGpuSeconds);
        note(said, "gang", gang);
        note(said, "gpuLabels", gpuLabels);
        return said;
    }

    private static void note(List<String> said, String name, @Nullable Object value) {
        if (value != null) {
            said.add(name);
        }
    }

    /** Says one thing after the other; null takes it back. One thread. */
    public static final class Builder {
        private @Nullable Long weight;
        private @Nullable Long floorPermille;
        private @Nullable Long floorMilligpus;
        private @Nullable Long ceilingPermille;
        private @Nullable Long ceilingMilligpus;
        private @Nullable Boolean hardCeiling;
        private @Nullable Integer serviceClass;
        private @Nullable Long memoryLimitBytes;
        private @Nullable Long historyHalfLifeSeconds;
        private @Nullable Long burstCreditGpuSeconds;
        private @Nullable Boolean gang;
        private @Nullable SortedMap<String, String> gpuLabels;
        private @Nullable SortedMap<String, Long> gpuSpeedPermille;

        public Builder weight(@Nullable Long value) {
            weight = value;
            return this;
        }

        public Builder floorPermille(@Nullable Long value) {
            floorPermille = value;
            return this;
        }

        public Builder floorMilligpus(@Nullable Long value) {
            floorMilligpus = value;
            return this;
        }

        public Builder ceilingPermille(@Nullable Long value) {
            ceilingPermille = value;
            return this;
        }

        public Builder ceilingMilligpus(@Nullable Long value) {
            ceilingMilligpus = value;
            return this;
        }

        /** In the form in which it is given. */
        public Builder floor(Amount amount) {
            return switch (amount) {
                case Amount.Percent(double percent) ->
                    floorPermille((long) QuotaFields.permille(percent)).floorMilligpus(null);
                case Amount.Gpus(double gpus) -> floorPermille(null).floorMilligpus(QuotaFields.milligpus(gpus));
            };
        }

        /** In the form in which it is given. */
        public Builder ceiling(Amount amount) {
            return switch (amount) {
                case Amount.Percent(double percent) ->
                    ceilingPermille((long) QuotaFields.permille(percent)).ceilingMilligpus(null);
                case Amount.Gpus(double gpus) -> ceilingPermille(null).ceilingMilligpus(QuotaFields.milligpus(gpus));
            };
        }

        public Builder hardCeiling(@Nullable Boolean value) {
            hardCeiling = value;
            return this;
        }

        public Builder serviceClass(@Nullable Integer value) {
            serviceClass = value;
            return this;
        }

        public Builder memoryLimitBytes(@Nullable Long value) {
            memoryLimitBytes = value;
            return this;
        }

        public Builder historyHalfLifeSeconds(@Nullable Long value) {
            historyHalfLifeSeconds = value;
            return this;
        }

        public Builder burstCreditGpuSeconds(@Nullable Long value) {
            burstCreditGpuSeconds = value;
            return this;
        }

        public Builder gang(@Nullable Boolean value) {
            gang = value;
            return this;
        }

        public Builder gpuLabels(@Nullable Map<String, String> value) {
            gpuLabels = value == null ? null : new TreeMap<>(value);
            return this;
        }

        public Builder gpuSpeedPermille(@Nullable Map<String, Long> value) {
            gpuSpeedPermille = value == null ? null : new TreeMap<>(value);
            return this;
        }

        public QuotaChange build() {
            return new QuotaChange(
                    weight,
                    floorPermille,
                    floorMilligpus,
                    ceilingPermille,
                    ceilingMilligpus,
                    hardCeiling,
                    serviceClass,
                    memoryLimitBytes,
                    historyHalfLifeSeconds,
                    burstCreditGpuSeconds,
                    gang,
                    gpuLabels,
                    gpuSpeedPermille);
        }
    }
}
