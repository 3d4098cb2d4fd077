package io.aliquot.controller.app;

import io.aliquot.controller.keeper.LeaseKeeper;
import io.aliquot.controller.lease.Standing;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.Topics;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the controller the role that the lease says, on a thread of its own: to open a ledger may take seconds, and no heartbeat
 * waits for it. Trouble in opening is never the end: an active controller gives its term up, a standby tries again.
 */
final class Duties implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Duties.class);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration START_LOOK = Duration.ofMillis(5);
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration JOIN = Duration.ofSeconds(5);

    private final LeaseKeeper keeper;
    private final Supplier<Duty> standby;
    private final LongFunction<ActiveDuty> active;
    private final Consumer<Throwable> onFailure;
    private final Semaphore looks = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("aliquot-role").daemon(true).unstarted(this::run);
    private volatile boolean closed;
    private volatile @Nullable Duty duty;
    private volatile RuntimeException trouble = new IllegalStateException("no answer to its claim of the lease");

    /**
     * @param standby opens a standby
     * @param active opens an active controller of a term
     * @param onFailure told when the thread ended by an error
     */
    Duties(LeaseKeeper keeper, Supplier<Duty> standby, LongFunction<ActiveDuty> active, Consumer<Throwable> onFailure) {
        this.keeper = keeper;
        this.standby = standby;
        this.active = active;
        this.onFailure = onFailure;
    }

    void start() {
        thread.start();
    }

    /** The present one; null before the first. Any thread. */
    @Nullable Duty now() {
        return duty;
    }

    /** The lease has changed hands. Any thread; doesn't wait. */
    void look() {
        looks.release();
    }

    /**
     * Waits until this controller is active, or stands by for another that is.
     *
     * @throws FatalFailure when neither came about in time
     */
    void awaitRole(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!hasRole() && !closed) {
            if (System.nanoTime() - deadline >= 0) {
                throw new FatalFailure(
                        "neither active nor a standby of another after " + patience.toSeconds() + " s: "
                                + trouble.getMessage(),
                        "check that the broker is healthy and lets this user write " + Topics.LEASE
                                + " and use transactions",
                        trouble);
            }
            Thread.sleep(START_LOOK);
        }
    }

    private boolean hasRole() {
        Duty now = duty;
        return now instanceof ActiveDuty working
                ? working.holds()
                : now != null
                        && keeper.standing().settled()
                        && keeper.standing().term().isEmpty();
    }

    private void run() {
        try {
            long begunNs = System.nanoTime();
            while (!closed) {
                OptionalLong term = held();
                Duty now = duty;
                if (term.isPresent() && !(now instanceof ActiveDuty running && running.term() == term.getAsLong())) {
                    becomeActive(term.getAsLong());
                } else if (term.isEmpty() && !(now instanceof StandbyDuty) && !maySettleSoon(now, begunNs)) {
                    becomeStandby();
                } else {
                    await(LOOK);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            onFailure.accept(e);
        }
    }

    /** A free lease is won at once: then the way over the standby would only take time. */
    private boolean maySettleSoon(@Nullable Duty now, long begunNs) {
        return now == null && !keeper.standing().settled() && System.nanoTime() - begunNs < FIRST_LOOK.toNanos();
    }

    private OptionalLong held() {
        Standing standing = keeper.standing();
        return standing.term().stream().filter(keeper::holds).findFirst();
    }

    private void becomeActive(long term) throws InterruptedException {
        ActiveDuty next;
        try {
            next = active.apply(term);
        } catch (RuntimeException e) {
            trouble = e;
            LOG.warn("term {} is given up: {}", term, e.toString());
            keeper.giveUp(term);
            await(LOOK);
            return;
        }
        if (closed || !keeper.holds(term)) {
            next.close();
            return;
        }
        Duty before = duty;
        if (before instanceof StandbyDuty idle) {
            idle.yieldTelemetry();
        } else if (before != null) {
            before.close();
        }
        next.start();
        duty = next;
        if (before != null) {
            before.close();
        }
    }

    private void becomeStandby() throws InterruptedException {
        Duty before = duty;
        if (before != null) {
            before.close();
        }
        try {
            Duty next = standby.get();
            next.start();
            duty = next;
            LOG.info(
                    "standing by; the active controller is {}",
                    keeper.standing().holder().orElse("not known"));
        } catch (RuntimeException e) {
            trouble = e;
            LOG.warn("not ready to stand by: {}: trying again", e.toString());
            await(PAUSE);
        }
    }

    private void await(Duration time) throws InterruptedException {
        if (!closed && looks.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
            looks.drainPermits();
        }
    }

    @Override
    public void close() {
        closed = true;
        look();
        try {
            if (thread.isAlive() && !thread.join(JOIN)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Duty now = duty;
        if (now != null) {
            now.close();
        }
    }
}
