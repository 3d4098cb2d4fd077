package io.aliquot.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a test wants in C, compiled into a cluster's folder from this source tree. */
final class Compiled {
    private static final Path TESTS = Path.of("src/test/java/io/aliquot/cli/process");
    private static final Path NATIVE = Path.of("../limiter-native");

    private Compiled() {}

    /** @return the program {@code hostile.c} */
    static String hostile(Cluster cluster) {
        return program(cluster, "hostile");
    }

    /** @return the program {@code flags.c} */
    static String flags(Cluster cluster) {
        return program(cluster, "flags", NATIVE.resolve("limiter/agent.c"));
    }

    private static String program(Cluster cluster, String name, Path... more) {
        Path program = cluster.dir().resolve(name);
        List<Path> sources = new ArrayList<>(List.of(more));
        sources.add(TESTS.resolve(name + ".c"));
        compile(
                cluster,
                program,
                NATIVE.resolve("include"),
                sources,
                "-I",
                NATIVE.resolve("limiter").toString());
        return program.toString();
    }

    /** @return native parts for an agent of a build that speaks this page version alone */
    static Path agentParts(Cluster cluster, int pageVersion) throws IOException {
        Path parts = Files.createDirectories(cluster.dir().resolve("page-version-" + pageVersion));
        Path headers = Files.createDirectories(parts.resolve("include"));
        for (Path header : filesOf(NATIVE.resolve("include"), ".h")) {
            String text = Files.readString(header)
                    .replaceAll("(#define ALIQUOT_PAGE_VERSION(_OLDEST)?) [0-9]+u", "$1 " + pageVersion + "u");
            Files.writeString(headers.resolve(header.getFileName()), text);
        }
        List<Path> sources = filesOf(NATIVE.resolve("node"), ".c");
        compile(cluster, parts.resolve("libaliquot-node.so"), headers, sources, "-shared", "-fPIC", "-pthread");
        Files.createSymbolicLink(parts.resolve("sim"), cluster.nativeDir().resolve("sim"));
        return parts;
    }

    private static void compile(Cluster cluster, Path to, Path headers, List<Path> sources, String... options) {
        List<String> command =
                new ArrayList<>(List.of("cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-I", headers.toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-o", to.toString()));
        sources.forEach(source -> command.add(source.toString()));
        Proc cc = cluster.start("cc", Map.of(), command);
        assertThat(cc.awaitEnd().code()).as(cc.toString()).isZero();
    }

    private static List<Path> filesOf(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
