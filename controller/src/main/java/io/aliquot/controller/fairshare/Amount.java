package io.aliquot.controller.fairshare;

/**
 * A floor or a ceiling: a part of what the parent has, or an amount of its own. Immutable. Any number can be held;
 * {@link TenantPolicy} says which may be, so that the error can name the tenant.
 */
public sealed interface Amount {
    /** A part of what the parent has, percent of it: 0 to 100. */
    record Percent(double percent) implements Amount {
        @Override
        public String toString() {
            return Words.number(percent) + " %";
        }
    }

    /** An amount in GPU-equivalents: 1 is all the time of a GPU with speed factor 1. */
    record Gpus(double gpus) implements Amount {
        @Override
        public String toString() {
            return Words.gpus(gpus);
        }
    }

    /** The amount where the parent has so much, GPU-equivalents. */
    default double of(double parentGpus) {
        return switch (this) {
            case Percent part -> part.percent / 100 * parentGpus;
            case Gpus amount -> amount.gpus;
        };
    }
}
