package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.Permille;
import io.aliquot.controller.fairshare.TenantPolicy;
import io.aliquot.schema.ServiceClass;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which values the fields of one quota may have. Each error names the tenant, the field, its value and what would be right. */
final class QuotaFields {
    /** A path that is longer has no room on a node. */
    static final int MAX_PATH = 63;

    private static final long MAX_MILLIGPUS = 1000 * (long) TenantPolicy.MAX_GPUS;
    private static final long MAX_HALF_LIFE_SECONDS = 90 * 86_400;
    private static final long MAX_CREDIT = 1_000_000_000;
    private static final String MEMORY = QuotaPolicy.MIN_MEMORY_BYTES + " (16 MiB) to " + QuotaPolicy.MAX_MEMORY_BYTES
            + " (1 PiB), or 0 for no limit";
    private static final int LONGEST_SHOWN = 80;

    private QuotaFields() {}

    /** See {@link Quota#of}. Values are wide until they are checked, so that no wrong one wraps around. */
    static Quota quota(String tenant, QuotaChange all, long version, long changedAtUnixMs, String changedBy) {
        if (tenant.equals(Quota.CLUSTER)) {
            SortedMap<String, Integer> speeds = new TreeMap<>();
            said(all.gpuSpeedPermille()).forEach((label, permille) -> {
                Labels.checkSpeed(label, permille);
                speeds.put(label, Math.toIntExact(permille));
            });
            TenantPolicy cluster = TenantPolicy.of("");
            return new Quota(cluster, 0, false, new TreeMap<>(), speeds, version, changedAtUnixMs, changedBy);
        }
        checkTenant(tenant);
        TenantPolicy policy = new TenantPolicy(
                tenant,
                within(tenant, "weight", said(all.weight()), 1, (long) TenantPolicy.MAX_WEIGHT, ""),
                floor(tenant, all),
                ceiling(tenant, all),
                said(all.hardCeiling()),
                serviceClass(tenant, said(all.serviceClass())),
                seconds(tenant, said(all.historyHalfLifeSeconds())),
                within(tenant, "burstCreditGpuSeconds", said(all.burstCreditGpuSeconds()), 0, MAX_CREDIT, ""));
        return new Quota(
                policy,
                said(all.memoryLimitBytes()),
                said(all.gang()),
                said(all.gpuLabels()),
                new TreeMap<>(),
                version,
                changedAtUnixMs,
                changedBy);
    }

    /** @throws IllegalArgumentException when it can be no tenant's path */
    static void checkTenant(String tenant) {
        if (tenant.isEmpty()) {
            throw refused(tenant, "no name", "expected 1 to 63 characters, such as org/team");
        }
        TenantPolicy.of(tenant); // its names, and how many
        if (tenant.length() > MAX_PATH) {
            throw refused(
                    tenant,
                    "path of " + tenant.length() + " characters",
                    "expected 1 to 63 in all: a node has no room for more");
        }
    }

    /** What a {@link Quota} must be, however it was made. */
    static void check(
            TenantPolicy policy, long memory, boolean gang, Map<String, String> labels, Map<String, Integer> speeds) {
        if (policy.path().isEmpty()) {
            boolean bare = policy.equals(TenantPolicy.of("")) && memory == 0 && !gang && labels.isEmpty();
            if (!bare) {
                throw refused(Quota.CLUSTER, "a quota", "expected speed factors alone: it is the cluster itself");
            }
            Labels.checkSpeeds(speeds);
            return;
        }
        String tenant = policy.path();
        checkTenant(tenant);
        if (!speeds.isEmpty()) {
            throw refused(tenant, "speed factors", "set them for '/', the cluster itself");
        }
        if (memory != 0 && (memory < QuotaPolicy.MIN_MEMORY_BYTES || memory > QuotaPolicy.MAX_MEMORY_BYTES)) {
            throw refused(tenant, "memoryLimitBytes " + Long.toUnsignedString(memory), "expected " + MEMORY);
        }
        Labels.check(tenant, labels);
        checkTravels(tenant, "weight", policy.weight(), 1);
        checkTravels(tenant, "historyHalfLifeSeconds", policy.historyHalfLifeSeconds(), 1);
        checkTravels(tenant, "burstCreditGpuSeconds", policy.burstCreditGpuSeconds(), 1);
        checkTravels(tenant, "floor", policy.floor());
        checkTravels(tenant, "ceiling", policy.ceiling());
    }

    static int permille(double percent) {
        return (int) Math.round(percent * 10);
    }

    static long milligpus(double gpus) {
        return Math.round(gpus * 1000);
    }

    static IllegalArgumentException refused(String tenant, String what, String fix) {
        return new IllegalArgumentException("tenant '" + shown(tenant) + "': " + what + ": " + fix);
    }

    /** A hostile text can be long or hold control characters; a message shows neither. */
    static String shown(String text) {
        String head = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
        return head.replaceAll("[^\\x20-\\x7e…]", "?");
    }

    private static Amount floor(String tenant, QuotaChange all) {
        checkOne(tenant, "floor", all.floorPermille(), all.floorMilligpus());
        return all.floorMilligpus() == null
                ? percent(tenant, "floorPermille", said(all.floorPermille()), 0)
                : gpus(tenant, "floorMilligpus", all.floorMilligpus(), 0);
    }

    private static Amount ceiling(String tenant, QuotaChange all) {
        checkOne(tenant, "ceiling", all.ceilingPermille(), all.ceilingMilligpus());
        return all.ceilingMilligpus() == null
                ? percent(tenant, "ceilingPermille", said(all.ceilingPermille()), 1)
                : gpus(tenant, "ceilingMilligpus", all.ceilingMilligpus(), 1);
    }

    private static Amount percent(String tenant, String field, long permille, long least) {
        within(tenant, field, permille, least, Permille.WHOLE, " (1000 is all that its parent has)");
        return new Amount.Percent(permille / 10.0);
    }

    private static Amount gpus(String tenant, String field, long milligpus, long least) {
        within(tenant, field, milligpus, least, MAX_MILLIGPUS, " (1000 is one GPU)");
        return new Amount.Gpus(milligpus / 1000.0);
    }

    private static void checkOne(String tenant, String field, @Nullable Long permille, @Nullable Long milligpus) {
        if (permille != null && milligpus != null) {
            throw refused(
                    tenant,
                    field + "Permille " + permille + " and " + field + "Milligpus " + Long.toUnsignedString(milligpus),
                    "expected one of them: they replace each other");
        }
    }

    private static ServiceClass serviceClass(String tenant, int number) {
        return ServiceClass.ofNumber(number)
                .orElseThrow(() -> refused(
                        tenant,
                        "serviceClass " + number,
                        "expected 0 (standard), 1 (latency-critical) or 2 (best-effort)"));
    }

    private static long seconds(String tenant, long halfLife) {
        return within(tenant, "historyHalfLifeSeconds", halfLife, 0, MAX_HALF_LIFE_SECONDS, " (90 days), 0 for none");
    }

    private static long within(String tenant, String field, long value, long least, long most, String more) {
        if (value < least || value > most) {
            // No field is ever negative in a message: what looks so is above 2^63.
            String shown = Long.toUnsignedString(value);
            throw refused(tenant, field + " " + shown, "expected " + least + " to " + most + more);
        }
        return value;
    }

    private static void checkTravels(String tenant, String field, Amount amount) {
        switch (amount) {
            case Amount.Percent(double percent) -> checkTravels(tenant, field + " in percent", percent, 10);
            case Amount.Gpus(double gpus) -> checkTravels(tenant, field + " in GPUs", gpus, 1000);
        }
    }

    /** A value that messages can't carry would be another one after a restart. */
    private static void checkTravels(String tenant, String field, double value, int parts) {
        if (Math.round(value * parts) / (double) parts != value) {
            String unit = parts == 1 ? "a whole number" : "at most " + (parts == 10 ? "one decimal" : "three decimals");
            throw refused(tenant, field + " " + value, "expected " + unit);
        }
    }

    private static <T> T said(@Nullable T value) {
        return Objects.requireNonNull(value, "a field of a whole quota");
    }
}
