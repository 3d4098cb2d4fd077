package io.aliquot.cli.tenants;

import io.aliquot.cli.base.Places;
import io.aliquot.cli.stack.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which controller is asked, and as whom. */
public final class ControllerOptions {
    private static final String STANDARD_CONTROLLER = "http://127.0.0.1:7070";

    @Option(
            names = "--controller",
            scope = ScopeType.INHERIT,
            split = ",",
            paramLabel = "URL",
            description = "The controller; of several, separated by commas, the active one is found (default: the one"
                    + " that `aliquot up` runs here, or http://127.0.0.1:7070).")
    private @Nullable List<String> controllers;

    @Option(
            names = "--run-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description = "The folder in which `aliquot up` says where it is (default: as `aliquot up`).")
    private @Nullable Path runDir;

    @Option(
            names = ControllerAccess.TOKEN_OPTION,
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The token for a controller that wants one (default: $ALIQUOT_TOKEN_FILE).")
    private @Nullable Path tokenFile;

    @Option(
            names = ControllerAccess.CA_OPTION,
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The CA of an https:// controller's certificate, PEM (default: $ALIQUOT_CA_FILE, else those"
                    + " that Java trusts).")
    private @Nullable Path ca;

    /** @throws io.aliquot.cli.base.CommandException when an address or a file can't be used */
    public ControllerClient client() {
        return new ControllerClient(ControllerAccess.of(
                controllers == null ? List.of(running()) : controllers,
                given(tokenFile, "ALIQUOT_TOKEN_FILE"),
                given(ca, "ALIQUOT_CA_FILE")));
    }

    private String running() {
        Path dir = runDir == null ? Places.here().runDir() : runDir;
        return new RunFolder(dir).read().map(RunFolder.Up::controller).orElse(STANDARD_CONTROLLER);
    }

    private static Optional<Path> given(@Nullable Path option, String variable) {
        String named = System.getenv().getOrDefault(variable, "");
        return option != null
                ? Optional.of(option)
                : Optional.of(named).filter(name -> !name.isEmpty()).map(Path::of);
    }
}
