package io.aliquot.cli.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The nodes for people. Pure. */
final class NodesTable {
    private static final String NONE = "-";
    private static final double MS_PER_SECOND = 1000;
    private static final double US_PER_MS = 1000;

    private NodesTable() {}

    /** @param answer the controller's to {@code GET /v1/nodes} */
    static List<String> of(JsonNode answer) {
        Table table = new Table("NODE", "GPUS", "DRIVER", "AGENT", "REPORTED", "DECIDED", "IN FORCE", "TOOK", "BEHIND");
        List<String> faults = new ArrayList<>();
        for (JsonNode node : answer.path("nodes")) {
            String name = node.path("node").asText();
            JsonNode applied = node.path("applied");
            table.row(
                    name,
                    gpus(node),
                    word(node, "driverVersion"),
                    word(node, "agentVersion"),
                    reported(node),
                    decision(node.path("decided")),
                    decision(applied),
                    applied.has("sampleToAppliedUs")
                            ? number(applied.path("sampleToAppliedUs").asLong() / US_PER_MS) + " ms"
                            : NONE,
                    behind(node));
            for (JsonNode gpu : node.path("gpus")) {
                if (gpu.has("fault")) {
                    faults.add("node " + name + ": GPU " + gpu.path("gpu").asText() + " can't be read: "
                            + gpu.path("fault").asText());
                }
            }
        }
        List<String> lines = new ArrayList<>(table.lines());
        if (!faults.isEmpty()) {
            lines.add("");
            lines.addAll(faults);
        }
        return lines;
    }

    /** By model, such as "8 NVIDIA H200". */
    private static String gpus(JsonNode node) {
        Map<String, Integer> models = new TreeMap<>();
        for (JsonNode gpu : node.path("gpus")) {
            boolean said = !gpu.path("simulated").asBoolean()
                    || gpu.path("name").asText().toLowerCase(Locale.ROOT).contains("simulated");
            models.merge(gpu.path("name").asText() + (said ? "" : " (simulated)"), 1, Integer::sum);
        }
        List<String> parts = new ArrayList<>();
        models.forEach((model, count) -> parts.add(count + " " + model));
        return parts.isEmpty() ? NONE : String.join(", ", parts);
    }

    private static String reported(JsonNode node) {
        if (!node.has("lastTelemetryAgeMs")) {
            return "not lately";
        }
        String age = number(node.path("lastTelemetryAgeMs").asLong() / MS_PER_SECOND) + " s ago";
        return node.path("reports").asBoolean() ? age : age + ", silent";
    }

    private static String decision(JsonNode fence) {
        return fence.isObject()
                ? fence.path("term").asText() + "/" + fence.path("sequence").asText()
                : NONE;
    }

    private static String behind(JsonNode node) {
        int decisions = node.path("decisionsBehind").asInt();
        return decisions == 0
                ? "no"
                : decisions + " for " + number(node.path("behindMs").asLong() / MS_PER_SECOND) + " s";
    }

    private static String word(JsonNode node, String field) {
        String word = node.path(field).asText();
        return word.isEmpty() ? NONE : word;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
