package io.aliquot.cli.tenants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.aliquot.cli.base.CommandException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Speaks to a controller's HTTP API. What the controller refuses is shown in its own words. One thread. */
public final class ControllerClient {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** Why a tenant has what it has, in all and on each GPU. */
    public JsonNode explain(String tenant) {
        return send(request("/v1/explain/" + escaped(tenant)).GET());
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
