package io.aliquot.agent.api;

import io.aliquot.schema.http.Change;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.http.HttpTls;
import io.aliquot.schema.http.TlsWatch;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * GET /metrics (Prometheus), /healthz, /readyz (200 or 503 with the reasons), /v1/usage (the last interval). One event
 * loop; no handler waits. Where tokens are in force, /metrics and /v1/usage want one.
 */
public final class HttpApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final int TIMEOUT_SECONDS = 10;
    private static final long LOOK_MS = 1000;

    /** A connection on which nothing moves for so long is closed, so that nobody can hold them all. */
    private static final int IDLE_SECONDS = 60;

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
     * @throws IOException when the address is taken or can't be had, or certificate and key are of no use
     */
    public static HttpApi start(String host, int port, HttpGuard guard, AgentView view, AgentMetrics metrics)
            throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        try {
            HttpServer server = vertx.createHttpServer(options(guard))
                    .requestHandler(router(vertx, guard, view, metrics))
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            guard.tokens().ifPresent(tokens -> watch(vertx, tokens::refresh, () -> {}));
            guard.tls().ifPresent(tls -> watch(vertx, new TlsWatch(tls)::refresh, () -> renew(server, tls)));
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

    private static HttpServerOptions options(HttpGuard guard) {
        HttpServerOptions options = new HttpServerOptions().setIdleTimeout(IDLE_SECONDS);
        guard.tls().ifPresent(tls -> options.setSsl(true).setKeyCertOptions(pem(tls)));
        return options;
    }

    private static PemKeyCertOptions pem(HttpTls tls) {
        return new PemKeyCertOptions()
                .setCertPath(tls.certificate().toString())
                .setKeyPath(tls.key().toString());
    }

    /** Connections that are there go on. */
    private static void renew(HttpServer server, HttpTls tls) {
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pem(tls)), true)
                .onFailure(error -> LOG.error("the renewed certificate is not in force: {}", error.toString()));
    }

    /** Looks at a file every second. Reading may block, so it is a worker's. */
    private static void watch(Vertx vertx, Callable<Optional<Change>> look, Runnable taken) {
        vertx.setPeriodic(
                LOOK_MS,
                id -> vertx.executeBlocking(look, false)
                        .onSuccess(change -> change.ifPresent(it -> {
                            LOG.atLevel(it.taken() ? Level.INFO : Level.ERROR).log(it.words());
                            if (it.taken()) {
                                taken.run();
                            }
                        })));
    }

    /** @return the port that it listens on */
    public int port() {
        return port;
    }

    private static Router router(Vertx vertx, HttpGuard guard, AgentView view, AgentMetrics metrics) {
        Router router = Router.router(vertx);
        router.get("/healthz").handler(context -> verdict(context, view.notAlive()));
        router.get("/readyz").handler(context -> verdict(context, view.notReady()));
        guard.tokens().ifPresent(tokens -> router.route().handler(new Gate(tokens)));
        router.get("/metrics")
                .handler(context -> context.response()
                        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.scrape()));
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

    static void json(RoutingContext context, int status, JsonObject body) {
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
