package io.aliquot.cli.demo;

import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Lifetime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One tenant: the tenant program under {@code aliquot run}, as anybody would start it. {@code aliquot run} becomes the program,
 * so the process here is the tenant's own. Any thread.
 */
final class TenantProcess implements AutoCloseable {
    private static final Pattern CALIBRATION = Pattern.compile("--iterations-per-ns ([0-9.]+)");
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final String tenant;
    private final Process process;
    private volatile Optional<TenantLine> last = Optional.empty();
    private volatile Optional<String> calibration = Optional.empty();
    private volatile String complaint = "it said nothing";

    private TenantProcess(String tenant, Process process) {
        this.tenant = tenant;
        this.process = process;
    }

    /**
     * Starts a program of a tenant.
     *
     * @param calibration what an earlier tenant measured on this GPU: measuring beside a busy neighbour would be wrong
     * @param lines gets every line, on a thread of this tenant
     */
    static TenantProcess start(
            Program program,
            Path nativeDir,
            Path runDir,
            Optional<String> calibration,
            Consumer<TenantLine> lines,
            Lifetime life) {
        String tenant = program.tenant();
        List<String> command = new ArrayList<>(List.of(
                nativeDir.resolve("aliquot-run").toString(), "--run-dir", runDir.toString(), "--tenant", tenant, "--"));
        command.add(nativeDir.resolve("aliquot-tenant").toString());
        command.addAll(List.of("--name", tenant, "--memory", "1GiB", "--interval", "10ms"));
        command.addAll(program.options());
        calibration.ifPresent(value -> command.addAll(List.of("--iterations-per-ns", value)));
        try {
            TenantProcess started = new TenantProcess(tenant, new ProcessBuilder(command).start());
            life.add(started);
            started.read(started.process.getInputStream(), line -> started.heard(line, lines));
            started.read(started.process.getErrorStream(), started::complained);
            return started;
        } catch (IOException e) {
            throw CommandException.unavailable("tenant " + tenant + " can't start: " + e.getMessage(), "", e);
        }
    }

    /** Has it do nothing until {@link #resume()}; it says so by an idle line when its last kernel is done. */
    void pause() {
        tell("pause");
    }

    void resume() {
        tell("resume");
    }

    /** Waits until its newest line is as wanted. */
    TenantLine await(String what, Duration patience, Predicate<TenantLine> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<TenantLine> line = last;
            if (line.filter(wanted).isPresent()) {
                return line.get();
            }
            checkAlive();
            if (System.nanoTime() - deadline > 0) {
                throw CommandException.unavailable(
                        "tenant " + tenant + " is not " + what + " after " + patience.toMillis() + " ms", "", null);
            }
            Thread.sleep(1);
        }
    }

    /** Waits until it knows how long a kernel takes. */
    Optional<String> awaitCalibration(Duration patience) throws InterruptedException {
        await("at work", patience, line -> true);
        return calibration;
    }

    /** @throws CommandException when it has ended */
    void checkAlive() {
        if (!process.isAlive()) {
            throw CommandException.unavailable(
                    "tenant " + tenant + " ended with exit code " + process.exitValue() + ": " + complaint, "", null);
        }
    }

    /** Ends it: SIGTERM, and SIGKILL when that is not enough. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private void tell(String command) {
        try {
            process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException e) {
            checkAlive();
            throw new UncheckedIOException(e);
        }
    }

    private void heard(String text, Consumer<TenantLine> lines) {
        TenantLine.parse(text).ifPresent(line -> {
            lines.accept(line);
            last = Optional.of(line);
        });
    }

    private void complained(String text) {
        complaint = text;
        Matcher matcher = CALIBRATION.matcher(text);
        if (matcher.find()) {
            calibration = Optional.of(matcher.group(1));
        }
    }

    private void read(InputStream from, Consumer<String> to) {
        Thread.ofPlatform().daemon(true).name("aliquot-tenant-" + tenant).start(() -> {
            try (var reader = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                reader.lines().forEach(to);
            } catch (IOException | UncheckedIOException e) {
                complaint = "its output can't be read: " + e.getMessage();
            }
        });
    }
}
