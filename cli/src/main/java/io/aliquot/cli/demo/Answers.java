package io.aliquot.cli.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What {@code explain} answered while a phase was measured. One thread. */
final class Answers {
    private final Map<String, List<Explain>> byTenant = new HashMap<>();

    void add(String tenant, Explain answer) {
        byTenant.computeIfAbsent(tenant, name -> new ArrayList<>()).add(answer);
    }

    /** The last one; nothing at all of a tenant that was not asked about. */
    Explain last(String tenant) {
        List<Explain> own = byTenant.getOrDefault(tenant, List.of());
        return own.isEmpty() ? Explain.NONE : own.getLast();
    }

    /** The mean of all: what is used is a running mean over a second, and one look at it sees single turns. */
    double mean(String tenant, ToDoubleFunction<Explain> value) {
        return byTenant.getOrDefault(tenant, List.of()).stream()
                .mapToDouble(value)
                .average()
                .orElse(0);
    }
}
