package io.aliquot.cli.process;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A process of its own, and all that it said. One thread. */
final class Proc implements AutoCloseable {
    /** Nothing here takes so long, however loaded the machine. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int TAIL = 4000;

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private Proc(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** How it ended. */
    record Result(int code, String out, String err) {}

    /**
     * Starts it.
     *
     * @param logs its output goes to files of this name there
     * @param environment more variables than this process has
     */
    static Proc start(String name, Path logs, Map<String, String> environment, List<String> command) {
        Path out = logs.resolve(name + ".out");
        Path err = logs.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
        builder.environment().keySet().removeIf(key -> key.startsWith("ALIQUOT_") || key.equals("LD_PRELOAD"));
        builder.environment().putAll(environment);
        try {
            return new Proc(name, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    /** Waits until its standard output has this, while it lives. */
    MatchResult awaitOut(Pattern wanted) {
        return await(name + " says " + wanted)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .failFast(
                        name + " has ended",
                        () -> !alive()
                                && wanted.matcher(out()).results().findFirst().isEmpty())
                .until(() -> wanted.matcher(out()).results().findFirst(), found -> found.isPresent())
                .orElseThrow();
    }

    /** Waits for its own end. */
    Result awaitEnd() {
        try {
            if (process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Result(process.exitValue(), out(), err());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError(name + " did not end within " + PATIENCE);
    }

    /** Types a line. */
    void say(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal by its name, as {@code STOP}. */
    void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGKILL; returns when the process is gone. */
    void sigkill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGKILL, too: nothing started here outlives its test. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The end of what it said, for a failure's report. */
    @Override
    public String toString() {
        String state = alive() ? "pid " + pid() : "ended with " + process.exitValue();
        return "---- " + name + " (" + state + ")\n" + tail(out()) + tail(err());
    }

    private static String tail(String text) {
        return text.length() <= TAIL ? text : "…" + text.substring(text.length() - TAIL);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
