package io.aliquot.controller.keeper;

import io.aliquot.controller.ingest.MalformedRecords;
import io.aliquot.controller.lease.Candidate;
import io.aliquot.controller.lease.LeaseEntry;
import io.aliquot.controller.lease.LeaseTiming;
import io.aliquot.controller.lease.Standing;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the lease topic, claims the lease when it is free, and holds it by heartbeats, all on a thread of its own: neither a
 * slow transaction nor a long division holds up a heartbeat. Start once; its methods may be called from any thread, and only
 * {@link #close} waits.
 */
public final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);
    private static final Duration JOIN = Duration.ofSeconds(3);

    private final LeaseLog log;
    private final LeaseVoice voice;
    private final Candidate candidate;
    private final Consumer<Standing> changed;
    private final Thread thread;
    private volatile boolean closed;
    private volatile Standing standing = Standing.UNKNOWN;
    private volatile long givenUpTerm = -1;

    /**
     * @param holder this controller's name, for people
     * @param changed told of a new term, of its end, and of another holder, on the keeper's thread; must not wait
     * @param onFailure told when the keeper ended by an error
     */
    public LeaseKeeper(
            KafkaAccess kafka,
            String holder,
            MalformedRecords malformed,
            Consumer<Standing> changed,
            Consumer<Throwable> onFailure) {
        this.candidate = new Candidate(UUID.randomUUID().toString(), holder, LeaseTiming.STANDARD);
        this.changed = changed;
        this.log = new LeaseLog(kafka, malformed);
        this.voice = new LeaseVoice(kafka, holder);
        this.thread = Thread.ofPlatform().name("aliquot-lease").daemon(true).unstarted(() -> run(onFailure));
    }

    public void start() {
        thread.start();
    }

    /** How this controller stood when the keeper last looked. */
    public Standing standing() {
        return standing;
    }

    /** Whether this controller may act now as the active one of this term. */
    public boolean holds(long term) {
        return !closed && term > givenUpTerm && standing.holds(term, System.nanoTime());
    }

    /** Stops being the active controller of a term, at once. */
    public void giveUp(long term) {
        synchronized (this) {
            givenUpTerm = Math.max(givenUpTerm, term);
        }
    }

    private void run(Consumer<Throwable> onFailure) {
        try {
            boolean begun = false;
            while (!closed) {
                try {
                    if (!begun) {
                        log.stand();
                        begun = true;
                    }
                    turn();
                } catch (WakeupException e) {
                    LOG.debug("the lease keeper is woken up to end");
                } catch (KafkaException e) {
                    LOG.warn("lease: {}: trying again", e.getMessage());
                    Thread.sleep(PAUSE_AFTER_ERROR);
                }
            }
            resign();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            onFailure.accept(e);
        } finally {
            closed = true;
            voice.close();
            log.close();
        }
    }

    private void turn() {
        log.read(candidate, POLL);
        voice.takeFailed().forEach(candidate::failed);
        candidate.giveUp(givenUpTerm);
        if (log.caughtUp()) {
            for (Optional<LeaseEntry> due = due(); due.isPresent(); due = due()) {
                voice.say(due.get());
            }
        }
        tell();
    }

    private Optional<LeaseEntry> due() {
        return candidate.due(System.nanoTime());
    }

    private void tell() {
        Standing before = standing;
        Standing now = candidate.standing();
        standing = now;
        if (!now.term().equals(before.term())
                || !now.holder().equals(before.holder())
                || now.settled() != before.settled()) {
            changed.accept(now);
        }
    }

    /** So that another may be active at once. */
    private void resign() {
        candidate.standing().term().ifPresent(candidate::giveUp);
        due().filter(LeaseEntry.Resignation.class::isInstance).ifPresent(voice::say);
    }

    /** Resigns, and waits until the broker knows. */
    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            voice.close();
            log.close();
            return;
        }
        log.wakeup();
        try {
            if (!thread.join(JOIN)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
