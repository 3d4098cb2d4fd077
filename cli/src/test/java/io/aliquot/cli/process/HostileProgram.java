package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code hostile.c}, compiled for a test against the page header of this source tree. */
final class HostileProgram {
    private static final Path SOURCE = Path.of("src/test/java/io/aliquot/cli/process/hostile.c");
    private static final Path HEADERS = Path.of("../limiter-native/include");

    private HostileProgram() {}

    /** @return the program, in the cluster's folder */
    static String compile(Cluster cluster) {
        Path program = cluster.dir().resolve("hostile");
        Proc cc = cluster.start(
                "cc",
                Map.of(),
                List.of(
                        "cc",
                        "-std=gnu11",
                        "-O1",
                        "-I",
                        HEADERS.toString(),
                        "-o",
                        program.toString(),
                        SOURCE.toString()));
        assertThat(cc.awaitEnd().code()).as(cc.toString()).isZero();
        return program.toString();
    }
}
