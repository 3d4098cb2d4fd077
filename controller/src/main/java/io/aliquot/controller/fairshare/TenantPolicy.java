package io.aliquot.controller.fairshare;

import io.aliquot.schema.ServiceClass;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What one tenant may have of its parent's GPUs, as an operator writes it. Immutable.
 *
 * @param path names from the top, joined by '/': {@code org/team/project}; 1 to {@value #MAX_DEPTH} names of 1 to 63 of a-z,
 *     0-9, '.', '_' and '-'. A path holds its own ancestors, so there can be no cycle. Empty: the cluster itself
 * @param weight relative claim among the children of the same parent, {@value #MIN_WEIGHT} to {@value #MAX_WEIGHT}
 * @param floor guaranteed while it is used. In percent: of what the parent has at the moment, so that it can always be paid;
 *     in GPUs: of its own, and so guaranteed by each ancestor too, up to that one's ceiling
 * @param ceiling not exceeded while others want the time, at least 0.001. In percent: of the most that the parent can have
 *     (its own ceiling, the whole cluster at the top), so that it does not move with demand
 * @param hardCeiling the ceiling holds when nobody else wants the time, too
 * @param priority who goes first among the children of the same parent
 * @param historyHalfLifeSeconds how long past use counts ({@link UsageHistory}); 0: not at all, otherwise 1 to 90 days
 * @param burstCreditGpuSeconds bound of the credit for what it lent ({@link BurstCredit}); 0: none, at most 1e9
 */
public record TenantPolicy(
        String path,
        double weight,
        Amount floor,
        Amount ceiling,
        boolean hardCeiling,
        ServiceClass priority,
        double historyHalfLifeSeconds,
        double burstCreditGpuSeconds) {
    public static final double MIN_WEIGHT = 0.001;
    public static final double MAX_WEIGHT = 1_000_000;

    /** Levels below the cluster. */
    public static final int MAX_DEPTH = 32;

    /** More is a slip. */
    public static final double MAX_GPUS = 10_000_000;

    public static final Amount NO_FLOOR = new Amount.Gpus(0);
    public static final Amount NO_CEILING = new Amount.Percent(100);

    /** GPU-equivalents or percent: a tenant that may have nothing is none. */
    private static final double MIN_CEILING = 0.001;

    private static final double MAX_HALF_LIFE_SECONDS = 90 * 86_400.0;
    private static final double MAX_CREDIT = 1e9;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

    /** @throws InvalidPolicyException naming the tenant, the field, its value and what would be right */
    public TenantPolicy {
        Objects.requireNonNull(floor, "floor");
        Objects.requireNonNull(ceiling, "ceiling");
        Objects.requireNonNull(priority, "priority");
        checkPath(path);
        check(path, "weight", weight, MIN_WEIGHT, MAX_WEIGHT, "");
        checkAmount(path, "floor", floor, 0);
        checkAmount(path, "ceiling", ceiling, MIN_CEILING);
        checkOrder(path, floor, ceiling);
        if (historyHalfLifeSeconds != 0) {
            check(path, "historyHalfLifeSeconds", historyHalfLifeSeconds, 1, MAX_HALF_LIFE_SECONDS, ", or 0 for none");
        }
        check(path, "burstCreditGpuSeconds", burstCreditGpuSeconds, 0, MAX_CREDIT, "");
    }

    /** A tenant of weight 1 with no floor, ceiling, history or credit. */
    public static TenantPolicy of(String path) {
        return new TenantPolicy(path, 1, NO_FLOOR, NO_CEILING, false, ServiceClass.STANDARD, 0, 0);
    }

    public TenantPolicy withWeight(double other) {
        return new TenantPolicy(
                path, other, floor, ceiling, hardCeiling, priority, historyHalfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withFloor(Amount other) {
        return new TenantPolicy(
                path, weight, other, ceiling, hardCeiling, priority, historyHalfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withSoftCeiling(Amount other) {
        return new TenantPolicy(
                path, weight, floor, other, false, priority, historyHalfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withHardCeiling(Amount other) {
        return new TenantPolicy(
                path, weight, floor, other, true, priority, historyHalfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withPriority(ServiceClass other) {
        return new TenantPolicy(
                path, weight, floor, ceiling, hardCeiling, other, historyHalfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withHistory(double halfLifeSeconds) {
        return new TenantPolicy(
                path, weight, floor, ceiling, hardCeiling, priority, halfLifeSeconds, burstCreditGpuSeconds);
    }

    public TenantPolicy withBurstCredit(double gpuSeconds) {
        return new TenantPolicy(
                path, weight, floor, ceiling, hardCeiling, priority, historyHalfLifeSeconds, gpuSeconds);
    }

    /** The path of the parent; empty, the cluster, for a tenant at the top. */
    public String parent() {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static void checkPath(String path) {
        if (path.isEmpty()) {
            return;
        }
        int depth = 1 + (int) path.chars().filter(c -> c == '/').count();
        if (depth > MAX_DEPTH) {
            throw refused(path, depth + " levels", "expected at most " + MAX_DEPTH);
        }
        for (String name : path.split("/", -1)) {
            if (!NAME.matcher(name).matches()) {
                throw refused(
                        path,
                        "name '" + Words.shown(name) + "'",
                        "expected 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends");
            }
        }
    }

    private static void checkAmount(String path, String field, Amount amount, double least) {
        switch (amount) {
            case Amount.Percent(double percent) -> check(path, field + " in percent", percent, least, 100, "");
            case Amount.Gpus(double gpus) -> check(path, field + " in GPUs", gpus, least, MAX_GPUS, "");
        }
    }

    private static void checkOrder(String path, Amount floor, Amount ceiling) {
        boolean same = floor.getClass() == ceiling.getClass();
        if (same && floor.of(1) > ceiling.of(1)) {
            throw refused(path, "floor " + floor, "expected at most its ceiling, which is " + ceiling);
        }
    }

    private static void check(String path, String field, double value, double least, double most, String or) {
        if (!(value >= least && value <= most)) {
            String range = Words.number(least) + " to " + Words.number(most) + or;
            throw refused(path, field + " " + value, "expected " + range);
        }
    }

    private static InvalidPolicyException refused(String path, String what, String fix) {
        return new InvalidPolicyException(List.of(new PolicyProblem(Words.shown(path), what, fix)));
    }
}
