package io.aliquot.cli.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where things lie unless a flag says otherwise. Pure, apart from {@link #here()}.
 *
 * @param root whether the user is root
 * @param uid the user's number
 */
public record Places(boolean root, int uid, Path home, Map<String, String> environment) {
    /** The launcher says in this system property where the native parts are. */
    public static final String NATIVE_PROPERTY = "aliquot.native";

    public Places {
        environment = Map.copyOf(environment);
    }

    /** This process's own. */
    public static Places here() {
        int uid = uidOfThisProcess();
        return new Places(uid == 0, uid, Path.of(System.getProperty("user.home", "/")), System.getenv());
    }

    /** Where the agent's socket and tokens are: made anew after each boot. The same rule is in {@code aliquot run}. */
    public Path runDir() {
        String chosen = environment.getOrDefault("ALIQUOT_RUN_DIR", "");
        String session = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!chosen.isEmpty()) {
            return Path.of(chosen);
        }
        if (root) {
            return Path.of("/run/aliquot");
        }
        return session.isEmpty() ? Path.of("/tmp/aliquot-" + uid) : Path.of(session, "aliquot");
    }

    /** Where quotas and the last decision survive restarts. */
    public Path stateDir() {
        String session = environment.getOrDefault("XDG_STATE_HOME", "");
        if (root) {
            return Path.of("/var/lib/aliquot");
        }
        return session.isEmpty() ? home.resolve(".local/state/aliquot") : Path.of(session, "aliquot");
    }

    /** The simulated GPU's state, shared by all who use it. The same rule is in the simulated driver. */
    public Path simulatorFile() {
        String chosen = environment.getOrDefault("ALIQUOT_SIM", "");
        return chosen.isEmpty() ? Path.of("/dev/shm/aliquot-sim-" + uid) : Path.of(chosen);
    }

    /** Libraries and programs in C. */
    public static Path nativeDir() {
        @Nullable String dir = System.getProperty(NATIVE_PROPERTY);
        if (dir == null || !Files.isDirectory(Path.of(dir))) {
            throw CommandException.unavailable(
                    "the native parts are not in " + dir, "build them with ./mvnw package, or use the launcher", null);
        }
        return Path.of(dir).toAbsolutePath();
    }

    /** This machine's name as a node's name. */
    public static String nodeName() {
        try {
            String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            String valid = name.replaceAll("[^A-Za-z0-9._-]", "-");
            return valid.isEmpty() ? "node" : valid;
        } catch (IOException e) {
            return "node";
        }
    }

    private static int uidOfThisProcess() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            return -1;
        }
    }
}
