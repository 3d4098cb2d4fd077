package io.aliquot.cli.base;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;

/**
 * What a command started, ended in reverse order exactly once: when the command ends, or when a signal (Ctrl-C, SIGTERM)
 * ends the process. Any thread.
 */
public final class Lifetime implements AutoCloseable {
    /** Ends one thing. */
    public interface Ending {
        void end() throws Exception;
    }

    private final Object order = new Object();
    private final Deque<Ending> endings = new ArrayDeque<>();
    private final Thread hook;
    private volatile boolean ended;

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
            if (!ended) {
                endings.push(ending);
                return;
            }
        }
        end(ending);
        throw new CancellationException("the command is ending");
    }

    /** Takes over something to close, and hands it back. */
    public <T extends AutoCloseable> T add(T thing) {
        onEnd(thing::close);
        return thing;
    }

    /** Whether the end has begun. */
    public boolean ended() {
        return ended;
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

    private synchronized void endAll() {
        while (true) {
            Ending next;
            synchronized (order) {
                ended = true;
                next = endings.poll();
            }
            if (next == null) {
                return;
            }
            end(next);
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
