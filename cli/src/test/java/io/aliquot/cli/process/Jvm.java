package io.aliquot.cli.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aliquot.cli.Cli;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How processes of tests are started, and where. Any thread. */
final class Jvm {
    private Jvm() {}

    /** The command of a JVM with this one's class path, to which the program's arguments are added. */
    static List<String> command(Path natives, String main) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.addAll(Cli.QUICK_START);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-Daliquot.native=" + natives, "-cp", classPath(), main));
        return command;
    }

    static Path newFolder() {
        try {
            return Files.createTempDirectory(Path.of("/tmp"), "aliquot-it-"); // short: it holds a socket
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reactor's build always has them; a lone run of this module may not. */
    static Path natives() {
        Path natives = Path.of(System.getProperty("aliquot.native", "absent")).toAbsolutePath();
        assumeTrue(Files.exists(natives.resolve("aliquot-run")), natives + " has no aliquot-run");
        return natives;
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
