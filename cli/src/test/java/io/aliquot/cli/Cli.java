package io.aliquot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The {@code aliquot} command as a process of its own, on a simulated GPU of its own. For tests. */
public final class Cli implements AutoCloseable {
    /** Spares a JVM the check of bytecode that javac just made: a quarter of the time that a broker needs to start. */
    public static final List<String> QUICK_START =
            List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote");

    private final Path dir;
    private final List<Process> started = new ArrayList<>();
    private int count;

    /** @param dir gets the output, and the simulated GPU's state */
    public Cli(Path dir) {
        this.dir = dir;
    }

    /** What a command said when it had ended. */
    public record Result(int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "exit code " + exitCode + "\nout:\n" + out + "\nerr:\n" + err;
        }
    }

    /** A command at work. */
    public final class Running {
        private final Process process;
        private final Path out;
        private final Path err;

        private Running(Process process, Path out, Path err) {
            this.process = process;
            this.out = out;
            this.err = err;
        }

        public Process process() {
            return process;
        }

        public String out() {
            return read(out);
        }

        public String err() {
            return read(err);
        }

        /** Waits until it has printed a text. */
        public Running awaitOut(String text) throws InterruptedException {
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (!out().contains(text)) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new AssertionError("'" + text + "' never came\nout:\n" + out() + "\nerr:\n" + read(err));
                }
                Thread.sleep(20);
            }
            return this;
        }

        /** Sends SIGTERM or SIGINT and waits for the end. */
        public Result signal(String name) throws IOException, InterruptedException {
            kill(name, process.pid());
            return await();
        }

        /** Does as a terminal does for Ctrl-C, which reaches every process of the group, and waits for the end. */
        public Result typeCtrlC() throws IOException, InterruptedException {
            kill("INT", -process.pid());
            return await();
        }

        private static void kill(String signal, long pid) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + signal, "--", Long.toString(pid))
                    .start()
                    .waitFor();
        }

        public Result await() throws InterruptedException {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new AssertionError("it has not ended\nout:\n" + out() + "\nerr:\n" + read(err));
            }
            return new Result(process.exitValue(), out(), read(err));
        }
    }

    /** Runs a command to its end. */
    public Result run(String... arguments) throws IOException, InterruptedException {
        return start(arguments).await();
    }

    /**
     * Starts a command, in a process group of its own as a shell would. A shell that runs the tests in the background has
     * them ignore Ctrl-C, and what they start inherits that: here it is as it was.
     */
    public Running start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(QUICK_START);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + dir,
                "-Daliquot.native=" + System.getProperty("aliquot.native"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.aliquot.cli.Main"));
        command.addAll(List.of(arguments));
        Path out = dir.resolve("out-" + ++count);
        Path err = dir.resolve("err-" + count);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("ALIQUOT_SIM", dir.resolve("sim").toString());
        builder.environment().remove("ALIQUOT_RUN_DIR");
        Process process = builder.start();
        started.add(process);
        return new Running(process, out, err);
    }

    /** Ends what still runs, and what that had started. */
    @Override
    public void close() throws InterruptedException {
        for (Process process : started) {
            List<ProcessHandle> below = process.descendants().toList();
            process.destroyForcibly().waitFor();
            below.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
