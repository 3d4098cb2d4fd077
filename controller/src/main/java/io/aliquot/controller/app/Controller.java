package io.aliquot.controller.app;

import io.aliquot.controller.api.HttpApi;
import io.aliquot.controller.ingest.Cluster;
import io.aliquot.controller.ingest.History;
import io.aliquot.controller.ingest.MalformedRecords;
import io.aliquot.controller.ingest.RequestReader;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.controller.ledger.QuotaLedger;
import io.aliquot.controller.ledger.RequestSender;
import io.aliquot.controller.ledger.UsageLedger;
import io.aliquot.controller.publish.DecisionSender;
import io.aliquot.controller.publish.JournalSender;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running controller. {@link #start} returns when quotas are rebuilt, the claim is held and the API answers. A broker that
 * goes away later doesn't stop it: {@code /readyz} says so, and it goes on when the broker is back. It stops by itself when
 * another controller takes over. Its methods may be called from any thread.
 */
public final class Controller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

    private final ControllerConfig config;
    private final Clock clock = Clock.system();
    private final Meters meters = new Meters();
    private final Parts parts = new Parts();
    private final Port port;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private final HttpApi http;

    private Controller(ControllerConfig config) throws InterruptedException {
        this.config = config;
        this.port = new Port(config.bootstrapServers(), clock, meters, ANSWER_TIMEOUT);
        try {
            Vertx vertx = Vertx.vertx(quietVertx());
            parts.add(() ->
                    vertx.close().toCompletionStage().toCompletableFuture().join());
            // First of all, so that a taken port shuts out no running controller.
            this.http = parts.add(HttpApi.open(port, vertx, config.httpHost(), config.httpPort()));
            startParts();
        } catch (RuntimeException | InterruptedException e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Starts a controller: opens the API, creates missing topics, claims the term, rebuilds the quotas, then decides.
     *
     * @throws ControllerException when the broker can't be reached within 10 s, the port is taken, or the claim was lost
     */
    public static Controller start(ControllerConfig config) throws ControllerException {
        try {
            return new Controller(config);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControllerException("interrupted while starting", "start it again", e);
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    /** The port that the API listens on. */
    public int httpPort() {
        return http.port();
    }

    /**
     * Waits until the controller is closed.
     *
     * @throws ControllerException when it stopped by itself: another controller took over, or an error it can't pass
     */
    public void awaitTermination() throws InterruptedException, ControllerException {
        terminated.await();
        Throwable cause = failure.get();
        if (cause != null) {
            throw explained(cause);
        }
    }

    /** Stops it and waits for its threads; does nothing the second time. */
    @Override
    public void close() {
        port.claimLost();
        parts.close();
        terminated.countDown();
    }

    private void startParts() throws InterruptedException {
        MeterRegistry registry = meters.registry();
        KafkaAccess kafka = config.kafka();
        MalformedRecords malformed = new MalformedRecords(registry);
        Cluster cluster = parts.add(Cluster.open(kafka, START_TIMEOUT));
        String requestTopicId = cluster.topicId(Topics.QUOTA_REQUEST);
        QuotaLedger ledger = parts.add(new QuotaLedger(kafka, requestTopicId));
        long term = ledger.claim(config.holder(), clock.unixMs().getAsLong());
        ClusterState initial;
        long firstRequest;
        try (History history = new History(kafka, malformed)) {
            initial = history.quotas();
            firstRequest = history.firstUnansweredRequest(requestTopicId);
        }
        TelemetryReader telemetry = parts.add(new TelemetryReader(kafka, malformed, registry, this::fail));
        DecisionSender sender = parts.add(new DecisionSender(kafka, registry));
        JournalSender journal = parts.add(new JournalSender(kafka, registry));
        Outbox outbox = new Outbox(sender, journal, clock, outboxTerm(cluster, term));
        ControlLoop loop = parts.add(new ControlLoop(
                clock, config.tick(), initial, firstRequest, telemetry.start(), telemetry::take, outbox, this::fail));
        QuotaDesk desk = new QuotaDesk(initial, ledger, clock, registry, loop::post);
        RequestSender requests = parts.add(new RequestSender(kafka, ANSWER_TIMEOUT));
        RequestReader reader = parts.add(new RequestReader(kafka, malformed, desk::rule, this::fail));
        UsageLedger usage =
                parts.add(new UsageLedger(kafka, cluster.topicId(Topics.TELEMETRY), TelemetryReader::parse, registry));
        BrokerWatch watch = parts.add(new BrokerWatch(cluster));
        sender.start();
        journal.start();
        loop.start();
        watch.start();
        usage.start();
        port.accounting(usage);
        port.running(loop::view, watch::reachable, desk, requests, term);
        reader.start(firstRequest, term);
        LOG.info(
                "active with term {}: {} tenants, requests from offset {}",
                term,
                initial.tree().size() - 1,
                firstRequest);
    }

    private Outbox.Term outboxTerm(Cluster cluster, long number) {
        return new Outbox.Term(
                cluster.topicId(Topics.LEASE),
                number,
                cluster.topicId(Topics.QUOTA_REQUEST),
                Math.toIntExact(config.decisionTimeToLive().toMillis()));
    }

    /** A thread of this controller ended by an error: stop all of it, and keep the first reason. */
    private void fail(Throwable error) {
        if (failure.compareAndSet(null, error)) {
            LOG.error("stopping: {}", error.toString());
            Thread.ofPlatform().name("aliquot-stop").start(this::close);
        }
    }

    private static ControllerException explained(Throwable error) {
        return error instanceof FatalFailure known
                ? new ControllerException(String.valueOf(known.getMessage()), known.fix(), known)
                : new ControllerException(
                        "internal error: " + error,
                        "start it again, and report it with the log if it comes back",
                        error);
    }

    private static VertxOptions quietVertx() {
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }
}
