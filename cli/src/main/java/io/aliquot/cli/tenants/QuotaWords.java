package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.GpuLabels;
import io.aliquot.cli.text.Percent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A quota of the controller's API in words. Pure. */
final class QuotaWords {
    private QuotaWords() {}

    /** All that it says in one line; history, credit, gang and GPUs where there is something to say. */
    static String line(JsonNode quota) {
        List<String> words = new ArrayList<>();
        words.add("class " + quota.path("serviceClass").asText());
        words.add("weight " + quota.path("weight").asInt());
        words.add("floor " + amount(quota, "floor"));
        words.add("ceiling " + amount(quota, "ceiling")
                + (quota.path("hardCeiling").asBoolean() ? " hard" : ""));
        long memory = quota.path("memoryLimitBytes").asLong();
        words.add("memory limit " + (memory == 0 ? "none" : new Bytes(memory).toString()));
        long history = quota.path("historyHalfLifeSeconds").asLong();
        if (history > 0) {
            words.add("history " + span(history));
        }
        long credit = quota.path("burstCreditGpuSeconds").asLong();
        if (credit > 0) {
            words.add("burst credit " + span(credit) + " of a GPU");
        }
        if (quota.path("gang").asBoolean()) {
            words.add("gang");
        }
        if (!quota.path("gpus").isEmpty()) {
            words.add("GPUs " + labels(quota.path("gpus")));
        }
        return "tenant " + quota.path("tenant").asText() + ": " + String.join(", ", words);
    }

    /** A floor or a ceiling as it is typed: {@code 10%}, {@code 1.5 GPUs}. */
    static String amount(JsonNode quota, String field) {
        return quota.has(field + "Gpus")
                ? gpus(quota.path(field + "Gpus").asDouble())
                : Percent.brief(quota.path(field + "Permille").asInt());
    }

    /** The cluster's factors, one a line: {@code model=NVIDIA A100   40%}. */
    static List<String> speeds(JsonNode cluster) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, JsonNode> speed : cluster.path("gpuSpeed").properties()) {
            int permille = (int) Math.round(speed.getValue().asDouble() * 1000);
            lines.add(speed.getKey() + "   " + Percent.brief(permille));
        }
        return lines;
    }

    private static String gpus(double gpus) {
        String number = BigDecimal.valueOf(Math.round(gpus * 1000), 3)
                .stripTrailingZeros()
                .toPlainString();
        return number + (number.equals("1") ? " GPU" : " GPUs");
    }

    private static String span(long seconds) {
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static GpuLabels labels(JsonNode gpus) {
        TreeMap<String, String> labels = new TreeMap<>();
        gpus.properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return new GpuLabels(labels);
    }
}
