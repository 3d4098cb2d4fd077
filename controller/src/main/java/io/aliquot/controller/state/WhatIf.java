package io.aliquot.controller.state;

import io.aliquot.controller.division.Division;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What other quotas would make of the live state: the same code, with the same demand, until it stands still. Pure. */
public final class WhatIf {
    /** Ticks until damping and placement stand still. */
    private static final int TICKS = 10;

    private static final double TICK_SECONDS = 0.1;

    private WhatIf() {}

    /**
     * One tenant under both policies; null where it does not exist, amounts in GPU-equivalents.
     *
     * @param demandGpus what it wants now
     */
    public record Row(
            String tenant,
            double demandGpus,
            @Nullable Outcome before,
            @Nullable Outcome after) {}

    /**
     * What a policy gives.
     *
     * @param entitledGpus by the tree
     * @param sharedGpus of its GPUs
     */
    public record Outcome(double entitledGpus, double sharedGpus) {}

    /**
     * The difference that a policy would make, tenants in the order of their paths.
     *
     * @param quotas all that would be in force
     */
    public static List<Row> compare(ClusterView view, SortedMap<String, Quota> quotas) {
        ClusterState other = view.state().withQuotas(quotas);
        Division before = settled(view.state(), view.division());
        Division after = settled(other, view.division());
        TreeSet<String> tenants = new TreeSet<>(view.state().quotas().keySet());
        tenants.addAll(quotas.keySet());
        tenants.remove(Quota.CLUSTER);
        List<Row> rows = new ArrayList<>();
        for (String tenant : tenants) {
            Division known = before.policy().tree().contains(tenant) ? before : after;
            double demand = known.explain(tenant).entitlement().tenant().demandGpus();
            rows.add(new Row(tenant, demand, outcome(before, tenant), outcome(after, tenant)));
        }
        return rows;
    }

    private static Division settled(ClusterState state, Division from) {
        Division division = from;
        for (int tick = 0; tick < TICKS; tick++) {
            division = Planner.divide(state, division, TICK_SECONDS);
        }
        return division;
    }

    private static @Nullable Outcome outcome(Division division, String tenant) {
        if (!division.policy().tree().contains(tenant)) {
            return null;
        }
        return new Outcome(
                division.entitlements().of(tenant), division.explain(tenant).sharedGpus());
    }
}
