package io.aliquot.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.tenants.ControllerOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code aliquot explain}: why a tenant has the share that it has. */
@Command(
        name = "explain",
        description = {
            "Say why a tenant has what it has: what it wants, what it is entitled to and gets on each GPU, what keeps it from"
                    + " more, who lends to it and to whom it lends, and how soon it would have its floor back.",
            "",
            "A GPU-equivalent, or GPU for short, is the time of one GPU with speed factor 1. A parent is explained with all"
                    + " the tenants in it.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot explain org/team",
            "  aliquot explain org/team --output json | jq '.gpus[].sharePermille'",
        })
public final class ExplainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TENANT", description = "Its path.")
    private String tenant;

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
        JsonNode answer = controller.client().explain(tenant);
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            out.println(answer);
        } else {
            answer.path("words").forEach(sentence -> out.println(sentence.asText()));
            if (answer.path("simulated").asBoolean()) {
                out.println("There are simulated GPUs among those of the cluster.");
            }
        }
        return 0;
    }
}
