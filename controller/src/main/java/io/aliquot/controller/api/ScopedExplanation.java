package io.aliquot.controller.api;

import io.aliquot.controller.division.GpuExplanation;
import io.aliquot.controller.division.TenantExplanation;
import io.aliquot.controller.fairshare.Explanation;
import io.aliquot.controller.state.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An explanation for somebody who may not see everything: without the levels above the scope, and with all tenants outside of it
 * as one. What it borrows and lends still adds up. Pure.
 */
final class ScopedExplanation {
    /** No tenant can have this name. */
    static final String OTHERS = "other tenants";

    private ScopedExplanation() {}

    /** @param scope sees the tenant that is explained */
    static TenantExplanation of(TenantExplanation whole, Scope scope) {
        if (scope.all()) {
            return whole;
        }
        List<Explanation.Level> levels = whole.entitlement().levels().stream()
                .filter(level -> scope.sees(level.path()))
                .map(level -> level(level, scope))
                .toList();
        return new TenantExplanation(
                new Explanation(whole.entitlement().path(), levels),
                whole.publishedGpus(),
                whole.sharedGpus(),
                whole.usedGpus(),
                whole.atOnceGpus(),
                whole.gpus().stream().map(gpu -> gpu(gpu, scope)).toList());
    }

    private static Explanation.Level level(Explanation.Level level, Scope scope) {
        return new Explanation.Level(
                level.path(),
                level.parentGpus(),
                level.demandGpus(),
                level.fairGpus(),
                level.floorGpus(),
                level.ceilingGpus(),
                level.hardCeiling(),
                level.priority(),
                level.weight(),
                level.effectiveWeight(),
                level.entitledGpus(),
                level.binding(),
                siblings(level.borrowsFrom(), scope),
                siblings(level.lendsTo(), scope),
                level.reclaimsGpus());
    }

    private static List<Explanation.Flow> siblings(List<Explanation.Flow> flows, Scope scope) {
        List<Explanation.Flow> shown = new ArrayList<>(
                flows.stream().filter(flow -> scope.sees(flow.path())).toList());
        Map<Boolean, Double> others = flows.stream()
                .filter(flow -> !scope.sees(flow.path()))
                .collect(Collectors.groupingBy(
                        Explanation.Flow::idle, TreeMap::new, Collectors.summingDouble(Explanation.Flow::gpus)));
        others.forEach((idle, gpus) -> shown.add(new Explanation.Flow(OTHERS, gpus, idle)));
        return shown;
    }

    private static GpuExplanation gpu(GpuExplanation gpu, Scope scope) {
        return new GpuExplanation(
                gpu.node(),
                gpu.gpu(),
                gpu.speed(),
                gpu.share(),
                gpu.binding(),
                neighbours(gpu.borrowsFrom(), scope),
                neighbours(gpu.lendsTo(), scope));
    }

    private static List<GpuExplanation.Flow> neighbours(List<GpuExplanation.Flow> flows, Scope scope) {
        List<GpuExplanation.Flow> shown = new ArrayList<>(
                flows.stream().filter(flow -> scope.sees(flow.tenant())).toList());
        double others = flows.stream()
                .filter(flow -> !scope.sees(flow.tenant()))
                .mapToDouble(GpuExplanation.Flow::part)
                .sum();
        if (others > 0) {
            shown.add(new GpuExplanation.Flow(OTHERS, others));
        }
        return shown;
    }
}
