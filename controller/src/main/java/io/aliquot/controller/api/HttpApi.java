package io.aliquot.controller.api;

import static io.aliquot.controller.api.Gate.asker;

import io.aliquot.controller.account.Report;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.http.HttpGuard;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.util.function.Consumer;

/**
 * The controller over HTTP: quotas, allocations, usage, meters, health. Answers and errors are JSON; an error is
 * {@code {"error":…,"fix":…}}. Where tokens are in force, all but health wants one. Runs on the event loop of the given Vert.x and
 * never blocks it.
 */
public final class HttpApi implements AutoCloseable {
    private static final long FILE_LIMIT = 4 << 20;
    private static final long BODY_LIMIT = 64 * 1024;

    /** A tenant's path may be given with slashes or with %2F. */
    private static final String TENANT = "/v1/tenants/(?<tenant>.+)";

    private static final String WHAT_IF = "/v1/what-if";
    private static final String EXPLAIN = "/v1/explain/(?<tenant>.+)";

    private final ControllerPort controller;
    private final HttpListener listener;

    private HttpApi(ControllerPort controller, Vertx vertx, HttpGuard guard) {
        this.controller = controller;
        this.listener = new HttpListener(vertx, guard, router(vertx, new Gate(guard.tokens())));
    }

    /**
     * Starts to listen.
     *
     * @param port 0 takes a free one
     * @throws FatalFailure when the port is taken, the host is none of this machine's addresses, or the guard's files are of no use
     */
    public static HttpApi open(ControllerPort controller, Vertx vertx, String host, int port, HttpGuard guard)
            throws InterruptedException {
        HttpApi api = new HttpApi(controller, vertx, guard);
        api.listener.open(host, port);
        return api;
    }

    /** The port that it listens on. */
    public int port() {
        return listener.port();
    }

    private Router router(Vertx vertx, Gate gate) {
        Router router = Router.router(vertx);
        router.get("/healthz")
                .handler(ctx -> send(
                        ctx,
                        200,
                        new JsonObject()
                                .put("status", "alive")
                                .put("role", controller.role().name().words())));
        router.get("/readyz").handler(this::readyz);
        router.route().handler(gate); // what stands above it needs no token
        router.get("/metrics").handler(this::metrics);
        router.get("/v1/tenants")
                .handler(ctx -> send(
                        ctx, 200, Views.tenants(controller.view(), asker(ctx).scope())));
        router.getWithRegex(TENANT).handler(this::getTenant);
        router.putWithRegex(TENANT).handler(allowed(ctx -> asker(ctx).mayDivide(tenant(ctx))));
        router.putWithRegex(TENANT)
                .handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT))
                .handler(ctx -> request(
                        ctx,
                        QuotaBody.parse(
                                tenant(ctx),
                                asker(ctx).requestedBy(),
                                ctx.body().asString())));
        router.deleteWithRegex(TENANT).handler(this::deleteTenant);
        router.get("/v1/cluster")
                .handler(ctx -> send(
                        ctx, 200, Views.cluster(controller.view(), asker(ctx).scope())));
        router.put("/v1/cluster").handler(allowed(ctx -> asker(ctx).mayOperate("to change the cluster")));
        router.put("/v1/cluster")
                .handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT))
                .handler(ctx -> request(
                        ctx,
                        QuotaBody.parseCluster(
                                asker(ctx).requestedBy(), ctx.body().asString())));
        router.getWithRegex(EXPLAIN).handler(this::explain);
        router.post(WHAT_IF).handler(allowed(ctx -> asker(ctx).mayOperate("what-if")));
        router.post(WHAT_IF)
                .handler(BodyHandler.create(false).setBodyLimit(FILE_LIMIT))
                .handler(this::whatIf);
        router.get("/v1/allocations")
                .handler(ctx -> send(
                        ctx,
                        200,
                        Views.allocations(
                                controller.view(),
                                controller.nowMs(),
                                asker(ctx).scope())));
        router.get("/v1/nodes").handler(this::nodes);
        router.get("/v1/report").handler(this::report);
        router.errorHandler(404, ctx -> fail(ctx, 404, "no such page: " + ctx.normalizedPath(), pages()));
        router.errorHandler(
                405, ctx -> fail(ctx, 405, ctx.request().method() + " is not for " + ctx.normalizedPath(), pages()));
        router.route().failureHandler(this::failed);
        return router;
    }

    /** Goes on when the check throws nothing; before a body is read. */
    private static Handler<RoutingContext> allowed(Consumer<RoutingContext> check) {
        return ctx -> {
            check.accept(ctx);
            ctx.next();
        };
    }

    private void metrics(RoutingContext ctx) {
        asker(ctx).maySeeAll("/metrics");
        ctx.response()
                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                .end(controller.scrape());
    }

    private void nodes(RoutingContext ctx) {
        asker(ctx).maySeeAll("/v1/nodes");
        send(ctx, 200, NodesView.of(controller.view(), controller.fleet(), controller.nowMs()));
    }

    private static String pages() {
        return "use GET /v1/tenants, GET, PUT or DELETE /v1/tenants/{tenant}, GET or PUT /v1/cluster,"
                + " GET /v1/explain/{tenant}, POST /v1/what-if, GET /v1/allocations, GET /v1/nodes, GET /v1/report, /metrics, /healthz, /readyz";
    }

    private void report(RoutingContext ctx) {
        requireActive("");
        Report.Query query = ReportParameters.parse(ctx.queryParams(), controller.nowUnixMs())
                .within(asker(ctx).scope());
        Future.fromCompletionStage(controller.report(query), ctx.vertx().getOrCreateContext())
                .onSuccess(statement -> statement.ifPresentOrElse(
                        found -> send(ctx, 200, ReportView.of(found)),
                        () -> fail(
                                ctx, 503, "the usage ledger is being read", "ask again in a moment; see GET /readyz")))
                .onFailure(ctx::fail);
    }

    private void readyz(RoutingContext ctx) {
        ControllerPort.Readiness readiness = controller.readiness();
        ControllerPort.Role role = controller.role();
        JsonObject json = new JsonObject()
                .put("ready", readiness.ready())
                .put("broker", readiness.broker())
                .put("rebuilt", readiness.rebuilt())
                .put("role", role.name().words());
        role.holder().ifPresent(holder -> json.put("active", holder));
        if (!readiness.ready()) {
            ApiError error = notReady(readiness);
            json.put("error", error.error()).put("fix", error.fix());
        }
        send(ctx, readiness.ready() ? 200 : 503, json);
    }

    private ApiError notReady(ControllerPort.Readiness readiness) {
        if (!readiness.rebuilt()) {
            return new ApiError(503, "this controller is starting", "wait a moment");
        }
        return readiness.stopping()
                ? new ApiError(503, "this controller is stopping", "ask the one that runs now")
                : new ApiError(
                        503,
                        "no broker answers at " + controller.brokers(),
                        "start it, and the controller goes on; or restart the controller with another --kafka");
    }

    /** @param consequence follows what is wrong */
    private void requireActive(String consequence) {
        ControllerPort.Readiness readiness = controller.readiness();
        if (!readiness.ready()) {
            ApiError error = notReady(readiness);
            throw new ApiError(error.status(), error.error() + consequence, error.fix());
        }
        ControllerPort.Role role = controller.role();
        switch (role.name()) {
            case ACTIVE -> {
                // Nothing is wrong.
            }
            case TAKING_OVER ->
                throw new ApiError(
                        503, "this controller is just taking over" + consequence, "send it again in a moment");
            case STANDBY ->
                throw role.holder().isPresent()
                        ? new ApiError(
                                503,
                                "this controller stands by; the active one is "
                                        + role.holder().get() + consequence,
                                "send it to that one; if it is gone, this one takes over within 3 s")
                        : new ApiError(
                                503,
                                "this controller stands by; none is active" + consequence,
                                "send it again in a moment; if this lasts, see GET /readyz of each controller");
        }
    }

    private void getTenant(RoutingContext ctx) {
        asker(ctx).maySee(tenant(ctx));
        Quota quota = controller.view().state().quotas().get(tenant(ctx));
        if (quota == null) {
            throw new ApiError(404, "tenant '" + tenant(ctx) + "' does not exist", "list them with GET /v1/tenants");
        }
        send(ctx, 200, Views.quota(quota));
    }

    private void explain(RoutingContext ctx) {
        String tenant = tenant(ctx);
        asker(ctx).maySee(tenant);
        ClusterView view = controller.view();
        if (!view.division().policy().tree().contains(tenant)) {
            throw new ApiError(404, "tenant '" + tenant + "' does not exist", "list them with GET /v1/tenants");
        }
        send(ctx, 200, ExplanationView.of(view, tenant, asker(ctx).scope()));
    }

    /** On a worker: it divides the cluster some times over. */
    private void whatIf(RoutingContext ctx) {
        ClusterView view = controller.view();
        String file = ctx.body().asString();
        boolean prune = ctx.queryParam("prune").contains("true");
        ctx.vertx()
                .executeBlocking(() -> WhatIfAnswer.of(view, file, prune))
                .onSuccess(answer -> send(ctx, 200, answer))
                .onFailure(ctx::fail);
    }

    private void deleteTenant(RoutingContext ctx) {
        String reason = ctx.request().getParam("reason", "");
        asker(ctx).mayDivide(tenant(ctx));
        request(ctx, QuotaRequest.removal(tenant(ctx), asker(ctx).requestedBy(), reason));
    }

    private void request(RoutingContext ctx, QuotaRequest request) {
        requireActive("; nothing was changed");
        asker(ctx).mayAsk(request, controller.view().state().quotas().containsKey(request.tenant()));
        Future.fromCompletionStage(controller.request(request), ctx.vertx().getOrCreateContext())
                .onSuccess(ruling -> answer(ctx, ruling))
                .onFailure(error -> fail(
                        ctx,
                        503,
                        "no answer to the request: " + (error.getMessage() == null ? "timed out" : error.getMessage()),
                        "check GET /readyz and the broker; GET " + page(request.tenant())
                                + " shows whether it took effect"));
    }

    private static void answer(RoutingContext ctx, Ruling ruling) {
        switch (ruling) {
            case Ruling.Accepted(Quota quota) -> send(ctx, 200, Views.quota(quota));
            case Ruling.Removed(String tenant) ->
                send(ctx, 200, new JsonObject().put("tenant", tenant).put("removed", true));
            case Ruling.Refused(String reason) -> fail(ctx, 422, reason, "correct it and send it again");
        }
    }

    private static String page(String tenant) {
        return tenant.equals(Quota.CLUSTER) ? "/v1/cluster" : "/v1/tenants/" + tenant;
    }

    private static String tenant(RoutingContext ctx) {
        String tenant = String.valueOf(ctx.pathParam("tenant"));
        QuotaPolicy.tenantProblem(tenant).ifPresent(problem -> {
            throw new ApiError(422, problem, "use a name of that form");
        });
        return tenant;
    }

    private void failed(RoutingContext ctx) {
        if (ctx.failure() instanceof ApiError error && error.status() == 503) {
            JsonObject json = new JsonObject().put("error", error.error()).put("fix", error.fix());
            send(ctx, 503, json.put("role", controller.role().name().words()));
        } else if (ctx.failure() instanceof ApiError error) {
            fail(ctx, error.status(), error.error(), error.fix());
        } else if (ctx.statusCode() == 413) {
            fail(ctx, 413, "the body is too large", "send at most " + limit(ctx) + " bytes");
        } else if (ctx.failure() instanceof HttpException error) {
            fail(ctx, error.getStatusCode(), String.valueOf(error.getMessage()), pages());
        } else if (ctx.statusCode() >= 400 && ctx.statusCode() < 500) {
            ctx.next();
        } else {
            fail(ctx, 500, "internal error: " + ctx.failure(), "report it with this message");
        }
    }

    private static long limit(RoutingContext ctx) {
        return ctx.normalizedPath().equals(WHAT_IF) ? FILE_LIMIT : BODY_LIMIT;
    }

    private static void fail(RoutingContext ctx, int status, String error, String fix) {
        send(ctx, status, new JsonObject().put("error", error).put("fix", fix));
    }

    private static void send(RoutingContext ctx, int status, JsonObject json) {
        if (!ctx.response().ended()) {
            ctx.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", "application/json")
                    .end(json.encode() + "\n");
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
