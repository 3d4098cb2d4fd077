package io.aliquot.cli.explain;

import io.aliquot.cli.tenants.ControllerClient;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which controller is asked; a mixin of commands. */
public final class ControllerOptions {
    @Option(
            names = "--controller",
            paramLabel = "URL",
            description = "The controller (default: the one that `aliquot up` runs here, or http://127.0.0.1:7070).")
    private @Nullable String controller;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "The folder in which `aliquot up` says where it is (default: as `aliquot up`).")
    private @Nullable Path runDir;

    public ControllerClient client() {
        return ControllerClient.at(controller, runDir);
    }
}
