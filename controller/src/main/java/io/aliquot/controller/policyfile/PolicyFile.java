package io.aliquot.controller.policyfile;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaPolicy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A policy file: {@code {"tenants":[{"tenant":"org","weight":2,"floor":"30%",…}],"gpuSpeed":{"model=NVIDIA A100":0.4}}}. It says
 * all of each tenant that it names: what is absent is as in {@link QuotaChange#NEW_TENANT}. Immutable.
 *
 * @param tenants by path, in the order of the file; a tenant with a problem says less than it should
 * @param speeds the cluster's; empty when the file says nothing of them
 * @param problems all that is wrong with the file taken alone, each with path, value and fix; {@link PolicySteps} finds what is
 *     wrong between tenants
 */
public record PolicyFile(
        SequencedMap<String, QuotaChange> tenants, Optional<QuotaChange> speeds, List<String> problems) {
    /** A larger file is a slip. */
    public static final int MAX_CHARACTERS = 16 << 20;

    private static final String TENANTS = "tenants";
    private static final String SPEED = "gpuSpeed";
    private static final String FORM = "expected {\"tenants\":[{\"tenant\":\"org\",\"weight\":2}]}";

    public PolicyFile {
        tenants = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tenants));
        problems = List.copyOf(problems);
    }

    /** Reads a file's text. Whatever the text, it makes a file, with problems if need be. */
    public static PolicyFile read(String text) {
        List<String> problems = new ArrayList<>();
        SequencedMap<String, QuotaChange> tenants = new LinkedHashMap<>();
        Optional<QuotaChange> speeds = Optional.empty();
        Object root = parsed(text, problems);
        if (root instanceof Map<?, ?> map) {
            for (Object field : map.keySet()) {
                if (!field.equals(TENANTS) && !field.equals(SPEED)) {
                    problems.add("the file: unknown field '" + Texts.shown(String.valueOf(field))
                            + "': use tenants and gpuSpeed");
                }
            }
            readTenants(map, tenants, problems);
            speeds = map.containsKey(SPEED) ? Optional.of(speeds(map.get(SPEED), problems)) : speeds;
        } else if (problems.isEmpty()) {
            problems.add("the file: " + TenantFields.shown(root) + ": " + FORM);
        }
        return new PolicyFile(tenants, speeds, problems);
    }

    private static @Nullable Object parsed(String text, List<String> problems) {
        if (text.length() > MAX_CHARACTERS) {
            problems.add("the file: " + text.length() + " characters: expected at most " + MAX_CHARACTERS);
            return null;
        }
        try {
            return Json.read(text);
        } catch (IllegalArgumentException e) {
            problems.add("the file is no JSON: " + e.getMessage() + ": " + FORM);
            return null;
        }
    }

    private static void readTenants(Map<?, ?> map, Map<String, QuotaChange> tenants, List<String> problems) {
        Object value = map.get(TENANTS);
        if (!(value instanceof List<?> list)) {
            if (value != null || map.containsKey(TENANTS) || !map.containsKey(SPEED)) {
                problems.add("the file: tenants " + TenantFields.shown(value) + ": expected a list: " + FORM);
            }
            return;
        }
        for (int i = 0; i < list.size(); i++) {
            readTenant("tenants[" + i + "]", list.get(i), tenants, problems);
        }
    }

    private static void readTenant(
            String place, @Nullable Object value, Map<String, QuotaChange> tenants, List<String> problems) {
        if (!(value instanceof Map<?, ?> fields)) {
            problems.add(place + " " + TenantFields.shown(value) + ": expected an object such as {\"tenant\":\"org\"}");
            return;
        }
        if (!(fields.get("tenant") instanceof String tenant)) {
            String shown = TenantFields.shown(fields.get("tenant"));
            problems.add(place + ": tenant " + shown + ": expected its path in quotes, such as \"org/team\"");
            return;
        }
        Optional<String> wrongPath = QuotaPolicy.tenantProblem(tenant);
        if (wrongPath.isPresent()) {
            problems.add(wrongPath.get());
            return;
        }
        QuotaChange said = new TenantFields(tenant, problems).read(fields);
        if (tenants.putIfAbsent(tenant, said) != null) {
            problems.add("tenant '" + tenant + "': given twice: keep one of them");
        }
    }

    private static QuotaChange speeds(@Nullable Object value, List<String> problems) {
        if (!(value instanceof Map<?, ?> map)) {
            problems.add("gpuSpeed " + TenantFields.shown(value)
                    + ": expected an object such as {\"model=NVIDIA A100\":0.4}");
            return QuotaChange.NEW_CLUSTER;
        }
        SortedMap<String, Long> speeds = new TreeMap<>();
        map.forEach((key, factor) -> {
            String label = String.valueOf(key);
            try {
                long permille = permille(label, factor);
                checkSpeeds(Map.of(label, permille));
                speeds.put(label, permille);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        });
        QuotaChange change = new QuotaChange.Builder().gpuSpeedPermille(speeds).build();
        try {
            checkSpeeds(speeds);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage())); // too many
            return QuotaChange.NEW_CLUSTER;
        }
        return change;
    }

    private static void checkSpeeds(Map<String, Long> permille) {
        QuotaChange change =
                new QuotaChange.Builder().gpuSpeedPermille(permille).build();
        Quota.of(Quota.CLUSTER, change, 1, 0, "");
    }

    private static long permille(String label, @Nullable Object factor) {
        if (factor instanceof BigDecimal number
                && number.signum() > 0
                && number.compareTo(BigDecimal.valueOf(1000)) <= 0
                && number.stripTrailingZeros().scale() <= 3) {
            return number.movePointRight(3).longValueExact();
        }
        throw new IllegalArgumentException("gpuSpeed '" + Texts.shown(label) + "' " + TenantFields.shown(factor)
                + ": expected a number, 0.001 to 1000 with at most three decimals");
    }
}
