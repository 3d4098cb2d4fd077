package io.aliquot.agent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The native libraries that limiter-native builds, and small ones made for one test. */
public final class Natives {
    private Natives() {}

    /** @return the folder with libaliquot-node.so; without it the test is skipped, which the reactor's build never does */
    public static Path folder() {
        Path folder = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(folder.resolve("libaliquot-node.so")), folder + " has no libaliquot-node.so");
        assumeTrue(Files.exists(simulator(folder)), folder + " has no simulated NVML");
        return folder;
    }

    public static Path simulator(Path folder) {
        return folder.resolve("sim").resolve("libnvidia-ml.so.1");
    }

    /** Compiles a shared library from C; the build needs a C compiler anyway. */
    public static Path compile(Path folder, String name, String source) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".c"), source);
        Path library = folder.resolve(name + ".so");
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), file.toString())
                .inheritIO()
                .start();
        if (compiler.waitFor() != 0) {
            throw new AssertionError("cc failed on " + file);
        }
        return library;
    }
}
