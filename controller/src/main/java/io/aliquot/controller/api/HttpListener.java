package io.aliquot.controller.api;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.http.Change;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.http.HttpTls;
import io.aliquot.schema.http.TlsWatch;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Listens, with TLS where there is a certificate, and looks at the files of tokens and certificate every second. */
final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);
    private static final int OPEN_SECONDS = 10;
    private static final long LOOK_MS = 1000;

    /** A connection on which nothing moves for so long is closed, so that nobody can hold them all. */
    private static final int IDLE_SECONDS = 60;

    private final Vertx vertx;
    private final HttpServer server;

    HttpListener(Vertx vertx, HttpGuard guard, Router router) {
        this.vertx = vertx;
        this.server = vertx.createHttpServer(options(guard)).requestHandler(router);
        guard.tokens().ifPresent(tokens -> watch(tokens::refresh, () -> {}));
        guard.tls().ifPresent(tls -> watch(new TlsWatch(tls)::refresh, () -> renew(tls)));
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
    private void renew(HttpTls tls) {
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pem(tls)), true)
                .onFailure(error -> LOG.error("the renewed certificate is not in force: {}", error.toString()));
    }

    /** Reading may block, so it is a worker's. */
    private void watch(Callable<Optional<Change>> look, Runnable taken) {
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

    /**
     * Starts to listen.
     *
     * @param port 0 takes a free one
     * @throws FatalFailure when the port is taken, the host is none of this machine's addresses, or certificate and key are of no use
     */
    void open(String host, int port) throws InterruptedException {
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().get(OPEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw explained(host, port, e);
        } catch (TimeoutException e) {
            throw new FatalFailure(
                    "can't listen on " + host + ":" + port + " after " + OPEN_SECONDS + " s", "check the address", e);
        }
    }

    private static FatalFailure explained(String host, int port, ExecutionException e) {
        boolean taken = e.getCause() instanceof BindException
                && String.valueOf(e.getCause().getMessage()).contains("in use");
        return taken
                ? new FatalFailure("port " + port + " taken on " + host, "set another with --http-port", e)
                : new FatalFailure(
                        "can't listen on " + host + ":" + port + ": " + e.getCause(),
                        "listen on an address of this machine, such as 127.0.0.1",
                        e);
    }

    /** The port that it listens on. */
    int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        server.close();
    }
}
