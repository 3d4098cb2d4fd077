package io.aliquot.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;

/**
 * A line of the tenant program.
 *
 * @param atNs CLOCK_MONOTONIC, which is {@link System#nanoTime()} on Linux
 * @param idle nothing is in flight
 * @param gpuNs GPU time of finished kernels since its start
 * @param workNs of a gang: the same on each of its GPUs; otherwise empty
 */
record TenantLine(long atNs, boolean idle, long gpuNs, List<Long> workNs) {
    private static final ObjectMapper JSON = new ObjectMapper();

    TenantLine {
        workNs = List.copyOf(workNs);
    }

    /** Of a program that is no gang. */
    TenantLine(long atNs, boolean idle, long gpuNs) {
        this(atNs, idle, gpuNs, List.of());
    }

    /** Nothing for a line that is none of these. */
    static Optional<TenantLine> parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return json.hasNonNull("tMonoNs") && json.hasNonNull("gpuNs")
                    ? Optional.of(new TenantLine(
                            json.path("tMonoNs").asLong(),
                            json.path("state").asText().equals("idle"),
                            json.path("gpuNs").asLong(),
                            json.findValues("workNs").stream()
                                    .map(JsonNode::asLong)
                                    .toList()))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
