package io.aliquot.controller.policyfile;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.schema.ServiceClass;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one tenant of a file, and notes every problem. One thread. */
final class TenantFields {
    /** What a tenant of a file may say. */
    static final List<String> NAMES = List.of(
            "tenant",
            "weight",
            "floor",
            "ceiling",
            "hardCeiling",
            "class",
            "memory",
            "history",
            "burstCredit",
            "gang",
            "gpus");

    private static final BigDecimal UINT32_MAX = BigDecimal.valueOf(0xffff_ffffL);

    private final String tenant;
    private final List<String> problems;

    TenantFields(String tenant, List<String> problems) {
        this.tenant = tenant;
        this.problems = problems;
    }

    /** What is said; what is wrong is left out of it. */
    QuotaChange read(Map<?, ?> fields) {
        int before = problems.size();
        QuotaChange all = QuotaChange.NONE;
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            String name = String.valueOf(field.getKey());
            try {
                QuotaChange one = one(name, field.getValue());
                check(one);
                all = one.over(all);
            } catch (IllegalArgumentException e) {
                note(e);
            }
        }
        if (problems.size() == before) {
            try {
                check(all); // what only several fields together can be wrong in
            } catch (IllegalArgumentException e) {
                note(e);
                return QuotaChange.NONE;
            }
        }
        return all;
    }

    private void check(QuotaChange said) {
        Quota.of(tenant, said.over(QuotaChange.NEW_TENANT), 1, 0, "");
    }

    private void note(IllegalArgumentException e) {
        problems.add(String.valueOf(e.getMessage()));
    }

    private QuotaChange one(String name, @Nullable Object value) {
        QuotaChange.Builder said = new QuotaChange.Builder();
        switch (name) {
            case "tenant" -> {}
            case "weight" -> said.weight(weight(value));
            case "floor" -> said.floor(amount(name, value));
            case "ceiling" -> said.ceiling(amount(name, value));
            case "hardCeiling" -> said.hardCeiling(truth(name, value));
            case "class" -> said.serviceClass(serviceClass(value));
            case "memory" -> said.memoryLimitBytes(read(name, value, Texts::bytes, "\"10GiB\""));
            case "history" -> said.historyHalfLifeSeconds(read(name, value, Texts::seconds, "\"1h\" or \"off\""));
            case "burstCredit" -> said.burstCreditGpuSeconds(read(name, value, Texts::seconds, "\"3600s\" or \"off\""));
            case "gang" -> said.gang(truth(name, value));
            case "gpus" -> said.gpuLabels(labels(value));
            default -> throw wrong("unknown field '" + Texts.shown(name) + "'", "use " + String.join(", ", NAMES));
        }
        return said.build();
    }

    private long weight(@Nullable Object value) {
        if (value instanceof BigDecimal number
                && number.signum() >= 0
                && number.compareTo(UINT32_MAX) <= 0
                && number.stripTrailingZeros().scale() <= 0) {
            return number.longValueExact();
        }
        throw wrong("weight " + shown(value), "expected a whole number, 1 to 1000000");
    }

    private Amount amount(String name, @Nullable Object value) {
        return read(name, value, Texts::amount, "\"30%\" or \"1.5gpus\"");
    }

    private boolean truth(String name, @Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw wrong(name + " " + shown(value), "expected true or false");
    }

    private int serviceClass(@Nullable Object value) {
        if (value instanceof String word) {
            return ServiceClass.ofWord(word)
                    .orElseThrow(() -> wrong("class " + shown(value), "expected " + ServiceClass.WORDS))
                    .number();
        }
        throw wrong("class " + shown(value), "expected " + ServiceClass.WORDS + " in quotes");
    }

    private SortedMap<String, String> labels(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong("gpus " + shown(value), "expected an object such as {\"pool\":\"a\"}, {} for any GPU");
        }
        SortedMap<String, String> labels = new TreeMap<>();
        map.forEach((key, label) -> {
            if (!(label instanceof String text)) {
                throw wrong(
                        "gpus." + Texts.shown(String.valueOf(key)) + " " + shown(label), "expected a text in quotes");
            }
            labels.put(String.valueOf(key), text);
        });
        return labels;
    }

    private <T> T read(String name, @Nullable Object value, Form<T> form, String example) {
        if (!(value instanceof String text)) {
            throw wrong(name + " " + shown(value), "expected a text such as " + example);
        }
        try {
            return form.read(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tenant '" + tenant + "': " + name + " " + e.getMessage(), e);
        }
    }

    private IllegalArgumentException wrong(String what, String fix) {
        return new IllegalArgumentException("tenant '" + tenant + "': " + what + ": " + fix);
    }

    /** As it stands in the file, but short. */
    static String shown(@Nullable Object value) {
        return Texts.shown(value instanceof String ? "\"" + value + "\"" : String.valueOf(value));
    }

    /** Reads a text. */
    private interface Form<T> {
        T read(String text);
    }
}
