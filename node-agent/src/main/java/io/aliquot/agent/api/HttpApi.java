package io.aliquot.agent.api;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * GET /metrics (Prometheus), /healthz, /readyz (200 or 503 with the reasons), /v1/usage (the last interval). One event
 * loop; no handler waits.
 */
public final class HttpApi implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 10;

    private final Vertx vertx;
    private final AgentMetrics metrics;
    private final int port;

    private HttpApi(Vertx vertx, AgentMetrics metrics, int port) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.port = port;
    }

    /**
     * Listens.
     *
     * @param port 0 takes a free one
     * @throws IOException when the address is taken or can't be had
     */
    public static HttpApi start(String host, int port, AgentView view, AgentMetrics metrics) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router(vertx, view, metrics))
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return new HttpApi(vertx, metrics, server.actualPort());
        } catch (ExecutionException | TimeoutException unable) {
            close(vertx);
            Throwable cause = unable.getCause() == null ? unable : unable.getCause();
            throw new IOException(String.valueOf(cause.getMessage()), unable);
        } catch (InterruptedException wish) {
            close(vertx);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting to listen", wish);
        }
    }

    /** @return the port that it listens on */
    public int port() {
        return port;
    }

    private static Router router(Vertx vertx, AgentView view, AgentMetrics metrics) {
        Router router = Router.router(vertx);
        router.get("/metrics")
                .handler(context -> context.response()
                        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.scrape()));
        router.get("/healthz").handler(context -> verdict(context, view.notAlive()));
        router.get("/readyz").handler(context -> verdict(context, view.notReady()));
        router.get("/v1/usage")
                .handler(context -> view.lastUsage()
                        .ifPresentOrElse(
                                usage -> json(context, 200, UsageJson.of(usage)),
                                () -> json(context, 503, new JsonObject().put("error", "no interval has passed yet"))));
        return router;
    }

    private static void verdict(RoutingContext context, List<String> reasons) {
        boolean fine = reasons.isEmpty();
        JsonObject body = new JsonObject().put("ok", fine).put("reasons", new JsonArray(reasons));
        json(context, fine ? 200 : 503, body);
    }

    private static void json(RoutingContext context, int status, JsonObject body) {
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.encode());
    }

    @Override
    public void close() {
        close(vertx);
        metrics.close();
    }

    private static void close(Vertx vertx) {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException ignored) {
            // The process ends anyway, and its threads are daemons of an ended event loop.
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
