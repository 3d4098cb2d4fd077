package io.aliquot.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Lifetime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * What an agent's run folder tells the other commands, next to the socket and the tokens: {@code up.json} says where
 * {@code aliquot up} answers, {@code run.env} what {@code aliquot run} adds to a program's environment. Both are for all to
 * read and for the owner alone to write, appear whole or not at all, and go when the command that wrote them ends.
 */
public final class RunFolder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path dir;

    public RunFolder(Path dir) {
        this.dir = dir;
    }

    /**
     * Where {@code aliquot up} answers.
     *
     * @param controller the controller's URL
     * @param agent the agent's URL
     * @param kafka host:port of the broker
     */
    public record Up(String controller, String agent, String kafka, boolean simulated) {}

    /** Tells the other commands where everything is. */
    public void announce(Up up, Lifetime life) {
        Map<String, Object> fields = Map.of(
                "controller", up.controller(), "agent", up.agent(), "kafka", up.kafka(), "simulated", up.simulated());
        write(upFile(), JSON.valueToTree(fields) + "\n", life);
    }

    /** What a running {@code aliquot up} announced; empty when none does. */
    public Optional<Up> read() {
        try {
            JsonNode json = JSON.readTree(upFile().toFile());
            return Optional.of(new Up(
                    json.path("controller").asText(),
                    json.path("agent").asText(),
                    json.path("kafka").asText(),
                    json.path("simulated").asBoolean()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Has {@code aliquot run} load the simulated driver, on the same simulated GPUs as the agent. */
    public void useSimulator(Path nativeDir, Path simulatorFile, int gpus, Lifetime life) {
        String text = "LD_LIBRARY_PATH=" + nativeDir.resolve("sim") + "\nALIQUOT_SIM=" + simulatorFile
                + "\nALIQUOT_SIM_GPUS=" + gpus + "\n";
        write(environmentFile(), text, life);
    }

    /** Has {@code aliquot run} leave the environment as it is: programs find the real driver. */
    public void useRealDriver() {
        try {
            Files.deleteIfExists(environmentFile());
        } catch (IOException e) {
            throw unusable(environmentFile(), e);
        }
    }

    private void write(Path file, String text, Lifetime life) {
        try {
            Files.createDirectories(dir);
            Path fresh = Files.createTempFile(dir, file.getFileName().toString(), ".new");
            Files.writeString(fresh, text);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unusable(file, e);
        }
        life.onEnd(() -> Files.deleteIfExists(file));
    }

    private static CommandException unusable(Path file, IOException e) {
        return CommandException.unavailable("can't write " + file + ": " + e, "choose another --run-dir", e);
    }

    private Path upFile() {
        return dir.resolve("up.json");
    }

    private Path environmentFile() {
        return dir.resolve("run.env");
    }
}
