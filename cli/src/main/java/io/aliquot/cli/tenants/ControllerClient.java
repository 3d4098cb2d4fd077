package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.CommandException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Speaks to a controller's HTTP API. What the controller refuses is shown in its own words. One thread. */
public final class ControllerClient {
    private static final int UNAUTHORIZED = 401;

    private final ControllerAccess access;
    private final ControllerLine line;

    /** One that wants no token. @throws CommandException when it is no URL */
    public ControllerClient(String url) {
        this(ControllerAccess.open(url));
    }

    ControllerClient(ControllerAccess access) {
        this.access = access;
        this.line = new ControllerLine(access);
    }

    /** Every tenant's quota. */
    public JsonNode tenants() {
        return get("/v1/tenants").path("tenants");
    }

    /** One tenant's quota. */
    public JsonNode tenant(String tenant) {
        return get(path(tenant));
    }

    /** What every tenant is to have and has, on every GPU of every node. */
    public JsonNode allocations() {
        return get("/v1/allocations");
    }

    /** What each node has, and which decision is in force there. */
    public JsonNode nodes() {
        return get("/v1/nodes");
    }

    /** Why a tenant has what it has. */
    public JsonNode explain(String tenant) {
        return get("/v1/explain/" + escaped(tenant));
    }

    /** What a policy file would change. */
    public JsonNode whatIf(String policy, boolean prune) {
        return send("POST", "/v1/what-if?prune=" + prune, BodyPublishers.ofString(policy));
    }

    /**
     * Who used how much.
     *
     * @param by what there is a row for: tenant, team, gpu or hour
     */
    public JsonNode report(Instant from, Instant to, String by) {
        return get(
                "/v1/report?from=" + escaped(from.toString()) + "&to=" + escaped(to.toString()) + "&by=" + escaped(by));
    }

    /** Makes or changes a tenant. */
    public JsonNode set(String tenant, JsonNode quota) {
        return send("PUT", path(tenant), BodyPublishers.ofString(quota.toString()));
    }

    /** What is set for the cluster itself. */
    public JsonNode cluster() {
        return get("/v1/cluster");
    }

    /** Replaces what is set for the cluster itself. */
    public JsonNode setCluster(JsonNode cluster) {
        return send("PUT", "/v1/cluster", BodyPublishers.ofString(cluster.toString()));
    }

    /** Removes a tenant. */
    public JsonNode remove(String tenant, String reason) {
        return send("DELETE", path(tenant) + "?reason=" + escaped(reason), BodyPublishers.noBody());
    }

    private static String path(String tenant) {
        return "/v1/tenants/" + escaped(tenant);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode get(String path) {
        return send("GET", path, BodyPublishers.noBody());
    }

    private JsonNode send(String method, String path, BodyPublisher body) {
        ControllerLine.Answer answer = line.send(method, path, body);
        if (answer.status() / 100 == 2) {
            return answer.body();
        }
        String problem = answer.body().path("error").asText(answer.url() + " answered " + answer.status());
        String fix = answer.status() == UNAUTHORIZED
                ? unauthorized()
                : answer.body().path("fix").asText("check that a controller listens there");
        if (answer.isOfStandby() && access.urls().size() == 1) {
            fix += "; or name them all: --controller URL,URL";
        }
        throw answer.status() >= 500 || answer.body().path("error").isMissingNode()
                ? CommandException.unavailable(problem, fix, null)
                : CommandException.badInput(problem, fix);
    }

    private String unauthorized() {
        return access.tokenFile()
                .map(file -> "check " + file + "; whoever runs the controller makes a new one with `aliquot token new`")
                .orElse("give one with " + ControllerAccess.TOKEN_OPTION + " FILE or $ALIQUOT_TOKEN_FILE");
    }
}
