package io.aliquot.cli.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What the demo does, and what should come of it. Targets are computed here from the weights of the busy tenants, not asked of
 * the controller: a demo that believed the thing it shows would prove nothing. Pure.
 *
 * @param phases in their order
 * @param phaseLength of each
 */
record DemoScript(List<Phase> phases, Duration phaseLength) {
    /** Skipped at the start of each phase: what is in flight at a change still belongs to what was before. */
    static final Duration SETTLE = Duration.ofMillis(500);

    /** Below this a phase is mostly settling. */
    static final Duration SHORTEST = Duration.ofSeconds(8);

    static final Duration LONGEST = Duration.ofMinutes(10);

    static final Duration USUAL = Duration.ofSeconds(45);

    /** The one that goes idle and returns. */
    static final String BIGGEST = "c";

    /** The one whose weight changes. */
    static final String CHANGED = "a";

    static final int CHANGED_WEIGHT = 4;

    private static final SequencedMap<String, Integer> WEIGHTS = weights(1, 2, 5);

    DemoScript {
        phases = List.copyOf(phases);
    }

    /**
     * @param name short, for scripts
     * @param title for people
     * @param weights of all tenants, in their order
     * @param idle the one that has no work, if any
     */
    record Phase(String name, String title, SequencedMap<String, Integer> weights, Optional<String> idle) {
        /** What a tenant should get of the time that the GPU works, permille. */
        double targetPermille(String tenant) {
            long busy = weights.entrySet().stream()
                    .filter(e -> isBusy(e.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            return isBusy(tenant) ? weights.getOrDefault(tenant, 0) * 1000.0 / busy : 0;
        }

        boolean isBusy(String tenant) {
            return !idle.equals(Optional.of(tenant));
        }

        /** Those that have work. */
        List<String> busy() {
            return weights.keySet().stream().filter(this::isBusy).toList();
        }
    }

    /** The four phases, in the given time. */
    static DemoScript of(Duration total) {
        return new DemoScript(
                List.of(
                        new Phase("busy", "all three are busy", WEIGHTS, Optional.empty()),
                        new Phase("idle", "c is idle: a and b use its share", WEIGHTS, Optional.of(BIGGEST)),
                        new Phase("return", "c is back", WEIGHTS, Optional.empty()),
                        new Phase(
                                "reweight",
                                "a has weight " + CHANGED_WEIGHT + ", told through Kafka",
                                weights(CHANGED_WEIGHT, 2, 5),
                                Optional.empty())),
                total.dividedBy(4));
    }

    private static SequencedMap<String, Integer> weights(int a, int b, int c) {
        SequencedMap<String, Integer> weights = new LinkedHashMap<>();
        weights.put("a", a);
        weights.put("b", b);
        weights.put("c", c);
        return weights;
    }
}
