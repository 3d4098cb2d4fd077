package io.aliquot.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The controller's explanation of one tenant. Immutable.
 *
 * @param sharedGpus what it gets, GPU-equivalents
 * @param usedGpus what it used, a running mean over about a second
 * @param sharePermille of each GPU on which the tenant itself has work, by UUID
 */
record Explain(double sharedGpus, double usedGpus, Map<String, Double> sharePermille, List<String> words) {
    static final Explain NONE = new Explain(0, 0, Map.of(), List.of());

    Explain {
        sharePermille = Map.copyOf(sharePermille);
        words = List.copyOf(words);
    }

    static Explain of(JsonNode json) {
        Map<String, Double> shares = new HashMap<>();
        json.path("gpus").forEach(gpu -> {
            if (gpu.path("tenant").equals(json.path("tenant"))) {
                shares.put(gpu.path("gpu").asText(), gpu.path("sharePermille").asDouble());
            }
        });
        List<String> words = new ArrayList<>();
        json.path("words").forEach(word -> words.add(word.asText()));
        return new Explain(
                json.path("sharedGpus").asDouble(), json.path("usedGpus").asDouble(), shares, words);
    }
}
