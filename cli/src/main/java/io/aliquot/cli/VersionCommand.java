package io.aliquot.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code aliquot version}. */
@Command(
        name = "version",
        description = "Say which version this is, and on which Java it runs.",
        footer = {"", "Example:", "  aliquot version"})
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("aliquot " + version() + " (Java " + Runtime.version() + ")");
        return 0;
    }

    /** As the build wrote it into the archive. */
    static String version() {
        @Nullable String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
