package io.aliquot.cli.base;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command started, ended in reverse order exactly once: when the command ends, or when a signal (Ctrl-C, SIGTERM)
 * ends the process. Any thread.
 */
public final class Lifetime implements AutoCloseable {
    private static final String ENDING = "the command is ending";

    /** Ends one thing. */
    public interface Ending {
        void end() throws Exception;
    }

    private final ReentrantLock steps = new ReentrantLock();
    private final Object order = new Object();
    private final Deque<Ending> endings = new ArrayDeque<>();
    private final Thread hook;
    private final CountDownLatch begun = new CountDownLatch(1);

    private Lifetime(OptionalInt exitCode) {
        hook = new Thread(
                () -> {
                    endAll();
                    exitCode.ifPresent(code -> Runtime.getRuntime().halt(code));
                },
                "aliquot-end");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** For a command that a signal cuts short: the exit code tells of the signal (130 for Ctrl-C). */
    public static Lifetime ofTask() {
        return new Lifetime(OptionalInt.empty());
    }

    /** For a command that runs until a signal: that is its good end, with exit code 0. */
    public static Lifetime ofService() {
        return new Lifetime(OptionalInt.of(ExitCode.OK));
    }

    /**
     * Takes over something to end.
     *
     * @throws CancellationException when all is ended already; the thing was ended then
     */
    public void onEnd(Ending ending) {
        synchronized (order) {
            if (!ended()) {
                endings.push(ending);
                return;
            }
        }
        end(ending);
        throw new CancellationException(ENDING);
    }

    /**
     * Does a step of a start whole, or not at all: an end that comes meanwhile waits for it, so that what it makes is there to
     * be ended. Keep it short.
     *
     * @throws CancellationException when the end has begun
     */
    public <T> T step(Supplier<T> step) {
        steps.lock();
        try {
            if (ended()) {
                throw new CancellationException(ENDING);
            }
            return step.get();
        } catch (RuntimeException | Error e) {
            if (ended()) { // what fails now may do so for that reason: Kafka can't register its own hook, say
                throw cancelled(e);
            }
            throw e;
        } finally {
            steps.unlock();
        }
    }

    private static CancellationException cancelled(Throwable cause) {
        CancellationException cancelled = new CancellationException(ENDING);
        cancelled.initCause(cause);
        return cancelled;
    }

    /** Takes over something to close, and hands it back. */
    public <T extends AutoCloseable> T add(T thing) {
        onEnd(thing::close);
        return thing;
    }

    /** Whether the end has begun. */
    public boolean ended() {
        return begun.getCount() == 0;
    }

    /**
     * Whether the end has begun, or begins within this time: Ctrl-C at a terminal reaches every process at once, and one that
     * this command watches may be gone first.
     */
    public boolean endsWithin(Duration time) throws InterruptedException {
        return begun.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending: the hook is running, and has nothing left to end
        }
    }

    private void endAll() {
        begun.countDown();
        steps.lock(); // the step under way is done, and no other begins
        try {
            for (Ending next = next(); next != null; next = next()) {
                end(next);
            }
        } finally {
            steps.unlock();
        }
    }

    private @Nullable Ending next() {
        synchronized (order) {
            return endings.poll();
        }
    }

    private static void end(Ending ending) {
        try {
            ending.end();
        } catch (Exception e) {
            System.err.println("aliquot: while ending: " + e);
        }
    }
}
