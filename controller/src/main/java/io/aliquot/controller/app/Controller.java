package io.aliquot.controller.app;

import io.aliquot.controller.api.HttpApi;
import io.aliquot.controller.ingest.Cluster;
import io.aliquot.controller.ingest.FleetReader;
import io.aliquot.controller.ingest.MalformedRecords;
import io.aliquot.controller.ingest.TelemetryReader;
import io.aliquot.controller.keeper.LeaseKeeper;
import io.aliquot.controller.lease.LeaseLost;
import io.aliquot.controller.publish.Deliveries;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.controller.state.Fleet;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.PoisonShelf;
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
 * A running controller, active or standing by for another. {@link #start} returns when it is either and the API answers. A broker
 * that goes away later doesn't stop it: {@code /readyz} says so, and it goes on when the broker is back; nor does another
 * controller that takes over: it stands by then. Its methods may be called from any thread.
 */
public final class Controller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

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
        this.port = new Port(config.bootstrapServers(), clock, meters, ActiveDuty.ANSWER_TIMEOUT);
        try {
            Vertx vertx = Vertx.vertx(quietVertx());
            parts.add(() ->
                    vertx.close().toCompletionStage().toCompletableFuture().join());
            // First of all, so that a taken port shuts out no running controller.
            this.http = parts.add(HttpApi.open(port, vertx, config.httpHost(), config.httpPort(), config.guard()));
            startParts();
        } catch (RuntimeException | InterruptedException e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Starts a controller: opens the API, creates missing topics, claims the lease, rebuilds the quotas, then decides or stands by.
     *
     * @throws ControllerException when the broker can't be reached within 10 s, the port is taken, a topic is not as it must be, or
     *     nobody could become active within 10 s
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

    /** Whether it is the active one now. */
    public boolean active() {
        return port.role().active();
    }

    /** The port that the API listens on. */
    public int httpPort() {
        return http.port();
    }

    /**
     * Waits until the controller is closed.
     *
     * @throws ControllerException when it stopped by itself, by an error it can't pass
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
        port.stopping();
        parts.close();
        terminated.countDown();
    }

    private void startParts() throws InterruptedException {
        KafkaAccess kafka = config.kafka();
        MalformedRecords malformed = new MalformedRecords(
                meters.registry(), parts.add(new PoisonShelf(kafka, "controller " + config.holder(), LOG::warn)));
        Cluster cluster = parts.add(Cluster.open(kafka, START_TIMEOUT));
        TelemetryReader telemetry = parts.add(new TelemetryReader(kafka, malformed, meters.registry(), this::fail));
        telemetry.start();
        Deliveries deliveries = new Deliveries(meters.registry());
        FleetReader fleet = parts.add(new FleetReader(
                kafka,
                malformed,
                meters.registry(),
                ack -> deliveries.acknowledged(ack, clock.monotonicMs().getAsLong()),
                this::fail));
        fleet.start();
        port.fleet(() -> new Fleet(fleet.inventories(), deliveries.all()));
        meters.watchFleet(
                view -> deliveries.behind(
                        view.state().nodes(), clock.monotonicMs().getAsLong()),
                port::view);
        BrokerWatch watch = parts.add(new BrokerWatch(cluster));
        watch.start();
        Shared shared = new Shared(config, clock, meters.registry(), malformed, cluster, telemetry, deliveries);
        AtomicReference<@Nullable Duties> told = new AtomicReference<>();
        LeaseKeeper keeper =
                new LeaseKeeper(kafka, config.holder(), malformed, standing -> leaseChanged(told.get()), this::fail);
        Duties duties = parts.add(new Duties(
                keeper,
                () -> new StandbyDuty(shared, this::fail),
                term -> new ActiveDuty(
                        shared,
                        term,
                        keeper.standing().claimedAtMs(),
                        () -> keeper.holds(term),
                        error -> failed(keeper, term, error)),
                this::fail));
        told.set(duties);
        parts.add(keeper); // closed first: another takes over while this one ends
        port.running(duties::now, watch::reachable, keeper::standing);
        keeper.start();
        duties.start();
        duties.awaitRole(START_TIMEOUT);
        if (failure.get() instanceof RuntimeException known) {
            throw known;
        }
    }

    private static void leaseChanged(@Nullable Duties duties) {
        if (duties != null) {
            duties.look();
        }
    }

    /** A thread of the active duty ended by an error. */
    private void failed(LeaseKeeper keeper, long term, Throwable error) {
        if (error instanceof LeaseLost) {
            LOG.warn("term {} is over: {}", term, error.getMessage());
            keeper.giveUp(term);
        } else if (keeper.holds(term)) {
            fail(error);
        } else {
            LOG.warn("after the end of term {}: {}", term, error.toString());
        }
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
