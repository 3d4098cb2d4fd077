package io.aliquot.cli.tenants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Places;
import io.aliquot.cli.stack.RunFolder;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Speaks to a controller's HTTP API. What the controller refuses is shown in its own words. One thread. */
public final class ControllerClient {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String STANDARD_CONTROLLER = "http://127.0.0.1:7070";
    /** Fractions stay as exact as they came. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final String url;

    /** @throws CommandException when it is no URL */
    public ControllerClient(String url) {
        if (!url.matches("https?://[^/\\s]+/?")) {
            throw CommandException.badInput(
                    "'" + url + "' is not a controller's address", "give one such as http://127.0.0.1:7070");
        }
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /**
     * The controller that is named, or else the one that {@code aliquot up} runs here, or else the usual address.
     *
     * @param runDir where {@code aliquot up} says where it is; null: as it does itself
     */
    public static ControllerClient at(@Nullable String controller, @Nullable Path runDir) {
        if (controller != null) {
            return new ControllerClient(controller);
        }
        Path dir = runDir == null ? Places.here().runDir() : runDir;
        return new ControllerClient(
                new RunFolder(dir).read().map(RunFolder.Up::controller).orElse(STANDARD_CONTROLLER));
    }

    /** Every tenant's quota. */
    public JsonNode tenants() {
        return send(request("/v1/tenants").GET()).path("tenants");
    }

    /** One tenant's quota. */
    public JsonNode tenant(String tenant) {
        return send(request(path(tenant)).GET());
    }

    /** What every tenant is to have and has, on every GPU of every node. */
    public JsonNode allocations() {
        return send(request("/v1/allocations").GET());
    }

    /** What each node has, and which decision is in force there. */
    public JsonNode nodes() {
        return send(request("/v1/nodes").GET());
    }

    /** Why a tenant has what it has. */
    public JsonNode explain(String tenant) {
        return send(request("/v1/explain/" + escaped(tenant)).GET());
    }

    /** What a policy file would change. */
    public JsonNode whatIf(String policy, boolean prune) {
        return send(request("/v1/what-if?prune=" + prune).POST(BodyPublishers.ofString(policy)));
    }

    /**
     * Who used how much.
     *
     * @param by what there is a row for: tenant, team, gpu or hour
     */
    public JsonNode report(Instant from, Instant to, String by) {
        return send(request("/v1/report?from=" + escaped(from.toString()) + "&to=" + escaped(to.toString()) + "&by="
                        + escaped(by))
                .GET());
    }

    /** Makes or changes a tenant. */
    public JsonNode set(String tenant, JsonNode quota) {
        return send(request(path(tenant)).PUT(BodyPublishers.ofString(quota.toString())));
    }

    /** What is set for the cluster itself. */
    public JsonNode cluster() {
        return send(request("/v1/cluster").GET());
    }

    /** Replaces what is set for the cluster itself. */
    public JsonNode setCluster(JsonNode cluster) {
        return send(request("/v1/cluster").PUT(BodyPublishers.ofString(cluster.toString())));
    }

    /** Removes a tenant. */
    public JsonNode remove(String tenant, String reason) {
        return send(request(path(tenant) + "?reason=" + escaped(reason)).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE);
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput(
                    "'" + url + "' is not a controller's address: " + e.getMessage(),
                    "give one such as http://127.0.0.1:7070");
        }
    }

    private static String path(String tenant) {
        return "/v1/tenants/" + escaped(tenant);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode send(HttpRequest.Builder request) {
        try {
            var response = http.send(request.build(), BodyHandlers.ofString());
            JsonNode body = parse(response.body());
            if (response.statusCode() / 100 == 2) {
                return body;
            }
            String problem = body.path("error").asText(url + " answered " + response.statusCode());
            String fix = body.path("fix").asText("check that a controller listens there");
            throw response.statusCode() >= 500 || body.path("error").isMissingNode()
                    ? CommandException.unavailable(problem, fix, null)
                    : CommandException.badInput(problem, fix);
        } catch (IOException e) {
            throw CommandException.unavailable(
                    "no controller answers at " + url,
                    "start one with `aliquot up`, or name another with --controller URL",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandException.unavailable("interrupted while waiting for " + url, "", e);
        }
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
