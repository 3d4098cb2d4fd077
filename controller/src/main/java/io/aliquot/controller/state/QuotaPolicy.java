package io.aliquot.controller.state;

import io.aliquot.controller.fairshare.Claim;
import io.aliquot.controller.fairshare.FallbackShares;
import io.aliquot.schema.ServiceClass;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which quotas may be. Pure; any thread. */
public final class QuotaPolicy {
    /** The least memory limit: below it no CUDA context fits. */
    public static final long MIN_MEMORY_BYTES = 16L << 20;

    /** The largest memory limit; a larger number is a slip. */
    public static final long MAX_MEMORY_BYTES = 1L << 50;

    private static final int MAX_ID = 128;
    private static final int MAX_TEXT = 1024;
    private static final Pattern TENANT = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

    private QuotaPolicy() {}

    /**
     * Rules on a request.
     *
     * @param state what is in force; only its quotas matter
     * @param nowUnixMs when it is ruled, kept in the quota
     */
    public static Ruling validate(QuotaRequest request, ClusterState state, long nowUnixMs) {
        Optional<String> problem = textProblem(request);
        if (problem.isPresent()) {
            return new Ruling.Refused(problem.get());
        }
        Quota before = state.quotas().get(request.tenant());
        return request.remove() ? remove(request, before) : change(request, before, state, nowUnixMs);
    }

    /** Why a name can't be a tenant's; empty when it can. */
    public static Optional<String> tenantProblem(String tenant) {
        return TENANT.matcher(tenant).matches()
                ? Optional.empty()
                : Optional.of("tenant '" + shown(tenant)
                        + "': expected 1 to 63 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends");
    }

    /** Why the fields of a quota can't be; empty when they can. Values are wide, so that no wrong one wraps around. */
    static Optional<String> fieldProblem(String tenant, long weight, long floor, long ceiling, long memory) {
        Optional<String> name = tenantProblem(tenant);
        if (name.isPresent()) {
            return name;
        }
        if (weight < 1 || weight > Claim.MAX_WEIGHT) {
            return range("weight", weight, "1 to " + Claim.MAX_WEIGHT);
        }
        if (ceiling < 1 || ceiling > Claim.WHOLE) {
            return range("ceilingPermille", ceiling, "1 to 1000 (1000 is the whole GPU)");
        }
        if (floor < 0 || floor > Claim.WHOLE) {
            return range("floorPermille", floor, "0 to 1000 (1000 is the whole GPU)");
        }
        if (floor > ceiling) {
            return range("floorPermille", floor, "at most ceilingPermille, which is " + ceiling);
        }
        if (memory != 0 && (memory < MIN_MEMORY_BYTES || memory > MAX_MEMORY_BYTES)) {
            String limits = MIN_MEMORY_BYTES + " (16 MiB) to " + MAX_MEMORY_BYTES + " (1 PiB), or 0 for no limit";
            return Optional.of("memoryLimitBytes " + Long.toUnsignedString(memory) + ": expected " + limits);
        }
        return Optional.empty();
    }

    private static Ruling change(QuotaRequest request, @Nullable Quota before, ClusterState state, long nowUnixMs) {
        long weight = or(request.weight(), before == null ? 1 : before.weight());
        long floor = or(request.floorPermille(), before == null ? 0 : before.floorPermille());
        long ceiling = or(request.ceilingPermille(), before == null ? Claim.WHOLE : before.ceilingPermille());
        boolean hard = or(request.hardCeiling(), before != null && before.hardCeiling());
        Optional<ServiceClass> serviceClass = request.serviceClass() == null
                ? Optional.of(before == null ? ServiceClass.STANDARD : before.serviceClass())
                : ServiceClass.ofNumber(request.serviceClass());
        long memory = or(request.memoryLimitBytes(), before == null ? 0 : before.memoryLimitBytes());
        Optional<String> problem = fieldProblem(request.tenant(), weight, floor, ceiling, memory)
                .or(() -> roomProblem(request.tenant(), floor, before == null, state))
                .or(() -> serviceClass.isPresent() ? Optional.empty() : classProblem(request));
        if (problem.isPresent()) {
            return new Ruling.Refused(problem.get());
        }
        return new Ruling.Accepted(new Quota(
                request.tenant(),
                Math.toIntExact(weight),
                Math.toIntExact(floor),
                Math.toIntExact(ceiling),
                hard,
                serviceClass.orElseThrow(),
                memory,
                before == null ? 1 : before.version() + 1,
                nowUnixMs,
                request.requestedBy()));
    }

    private static Ruling remove(QuotaRequest request, @Nullable Quota before) {
        if (request.weight() != null
                || request.floorPermille() != null
                || request.ceilingPermille() != null
                || request.hardCeiling() != null
                || request.serviceClass() != null
                || request.memoryLimitBytes() != null) {
            return new Ruling.Refused("remove true with other fields: a removal takes none of weight, floorPermille,"
                    + " ceilingPermille, hardCeiling, serviceClass, memoryLimitBytes");
        }
        return before == null
                ? new Ruling.Refused("tenant '" + request.tenant() + "' does not exist: expected one that is listed")
                : new Ruling.Removed(request.tenant());
    }

    private static Optional<String> roomProblem(String tenant, long floor, boolean added, ClusterState state) {
        long others = state.quotas().values().stream()
                .filter(quota -> !quota.tenant().equals(tenant))
                .mapToLong(Quota::floorPermille)
                .sum();
        if (floor > 0 && others + floor > Claim.WHOLE) {
            return Optional.of("floorPermille " + floor + ": floors above the GPU: other tenants hold " + others
                    + " of 1000; expected at most " + Math.max(0, Claim.WHOLE - others));
        }
        if (added && state.quotas().size() >= FallbackShares.MAX_TENANTS) {
            return Optional.of(
                    "tenant '" + tenant + "': there are " + state.quotas().size()
                            + " tenants already, the most that one GPU can be divided among: remove one first");
        }
        return Optional.empty();
    }

    private static Optional<String> classProblem(QuotaRequest request) {
        return Optional.of("serviceClass " + request.serviceClass()
                + ": expected 0 (standard), 1 (latency-critical) or 2 (best-effort)");
    }

    private static Optional<String> textProblem(QuotaRequest request) {
        if (request.requestId().isEmpty() || request.requestId().length() > MAX_ID) {
            return Optional.of("requestId of " + request.requestId().length() + " characters: expected 1 to " + MAX_ID);
        }
        if (request.reason().length() > MAX_TEXT) {
            return Optional.of("reason of " + request.reason().length() + " characters: expected at most " + MAX_TEXT);
        }
        if (request.requestedBy().length() > MAX_TEXT) {
            return Optional.of(
                    "requestedBy of " + request.requestedBy().length() + " characters: expected at most " + MAX_TEXT);
        }
        return tenantProblem(request.tenant());
    }

    private static Optional<String> range(String field, long value, String expected) {
        return Optional.of(field + " " + value + ": expected " + expected);
    }

    private static long or(@Nullable Long value, long otherwise) {
        return value == null ? otherwise : value;
    }

    private static boolean or(@Nullable Boolean value, boolean otherwise) {
        return value == null ? otherwise : value;
    }

    /** A hostile name can be long or hold control characters; a message shows neither. */
    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }
}
