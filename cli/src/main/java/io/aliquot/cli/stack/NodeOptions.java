package io.aliquot.cli.stack;

import io.aliquot.agent.model.NodeLabels;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Places;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that runs an agent. */
final class NodeOptions {
    @Mixin
    final GpuOptions gpu = new GpuOptions();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Keeps quotas and decisions across restarts (default: /var/lib/aliquot for root, else"
                    + " ~/.local/state/aliquot).")
    @Nullable Path state;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "The socket that programs under `aliquot run` connect to (default: $ALIQUOT_RUN_DIR, else"
                    + " /run/aliquot for root, else $XDG_RUNTIME_DIR/aliquot or /tmp/aliquot-UID).")
    @Nullable Path runDir;

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description =
                    "What is special about this node's GPUs, for placement, such as zone=a; may be given 16 times.")
    private List<String> labels = List.of();

    /** @throws CommandException that names a label that can't be */
    NodeLabels labels() {
        try {
            return NodeLabels.parse(labels);
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput("--label: " + e.getMessage(), "");
        }
    }

    Path stateDir() {
        return (state == null ? Places.here().stateDir() : state).toAbsolutePath();
    }

    Path runDir() {
        return (runDir == null ? Places.here().runDir() : runDir).toAbsolutePath();
    }
}
