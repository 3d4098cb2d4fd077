package io.aliquot.cli.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The machine that a figure was measured on. */
final class Machine {
    private Machine() {}

    /** Processor, cores in use by this process, system and Java, in one line. */
    static String describe() {
        return "%d x %s, Linux %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        System.getProperty("os.version"),
                        Runtime.version().feature());
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("processor of unknown model");
        } catch (IOException | UncheckedIOException e) {
            return "processor of unknown model";
        }
    }
}
