package io.aliquot.cli.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.tenants.ControllerOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot nodes}: what each node has, and which decision is in force there. */
@Command(
        name = "nodes",
        description = {
            "Show each node: its GPUs, its driver and agent, the last decision for it, the one in force, how long the way from"
                    + " its telemetry to that took, and by how much it is behind.",
            "",
            "A decision is TERM/NUMBER, as in the log and in `aliquot replay`. TOOK is measured by the node's own clock. An agent"
                    + " of an earlier version shows no inventory, and IN FORCE is what its telemetry says.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot nodes",
            "  aliquot nodes --output json | jq '.nodes[] | select(.behindMs > 2000) | .node'",
        })
public final class NodesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ControllerOptions controller;

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: text).")
    private Output output;

    @Override
    public Integer call() {
        JsonNode answer = controller.client().nodes();
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            out.println(answer);
        } else if (answer.path("nodes").isEmpty()) {
            out.println("There are no nodes yet. Start an agent on one:  aliquot agent --kafka HOST:PORT");
        } else {
            NodesTable.of(answer).forEach(out::println);
        }
        return 0;
    }
}
