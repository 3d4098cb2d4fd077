package io.aliquot.controller.fairshare;

import io.aliquot.schema.ServiceClass;
import java.util.List;

/**
 * Why a tenant's entitlement is what it is. Immutable; {@link Explainer} makes it, {@link ExplanationWords} says it.
 *
 * @param path the tenant
 * @param levels the tenant itself first, then those above it up to the top, without the cluster; not empty
 */
public record Explanation(String path, List<Level> levels) {
    public Explanation {
        levels = List.copyOf(levels);
    }

    /** The tenant itself. */
    public Level tenant() {
        return levels.getFirst();
    }

    /**
     * One tenant beside its siblings; amounts in GPU-equivalents.
     *
     * @param path the tenant
     * @param parentGpus what its parent has
     * @param demandGpus what it would use if nothing held it back; for a parent, what its children may use
     * @param fairGpus what it would get if all its siblings wanted all
     * @param floorGpus what it is guaranteed by its own policy
     * @param ceilingGpus the most that its own ceiling lets it have
     * @param hardCeiling that ceiling holds when nobody else wants the time, too
     * @param priority its class
     * @param weight by its policy
     * @param effectiveWeight with its history
     * @param entitledGpus what it gets
     * @param binding what keeps it from getting more
     * @param borrowsFrom siblings that get less than their fair shares, where it gets more than its own; the largest first
     * @param lendsTo siblings that get more than their fair shares, where it gets less than its own; the largest first
     * @param reclaimsGpus what it would get back within a tick if it wanted it: the part of its floor that is not in use
     */
    public record Level(
            String path,
            double parentGpus,
            double demandGpus,
            double fairGpus,
            double floorGpus,
            double ceilingGpus,
            boolean hardCeiling,
            ServiceClass priority,
            double weight,
            double effectiveWeight,
            double entitledGpus,
            Binding binding,
            List<Flow> borrowsFrom,
            List<Flow> lendsTo,
            double reclaimsGpus) {
        public Level {
            borrowsFrom = List.copyOf(borrowsFrom);
            lendsTo = List.copyOf(lendsTo);
        }
    }

    /**
     * What passes between two siblings.
     *
     * @param path the sibling
     * @param gpus how much, GPU-equivalents, above 0
     * @param idle the lender does not want it itself; otherwise it gives way: to a higher class, more credit, less past use
     */
    public record Flow(String path, double gpus, boolean idle) {}
}
