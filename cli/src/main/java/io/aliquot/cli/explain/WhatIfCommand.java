package io.aliquot.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.tenants.ControllerOptions;
import io.aliquot.cli.tenants.PolicyText;
import io.aliquot.cli.text.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot what-if}: what a policy would change, before anybody sets it. */
@Command(
        name = "what-if",
        description = {
            "Show what a policy file would make of the cluster as it is now; nothing is changed.",
            "",
            "The controller divides its GPUs by the policy in force and by the file's, with what every tenant wants at the"
                    + " moment. The file is as for `aliquot tenants apply`.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot what-if --policy policy.json",
            "  aliquot what-if --policy policy.json --prune --output json",
        })
public final class WhatIfCommand implements Callable<Integer> {
    private static final double SAME_GPUS = 0.0005;

    @Spec
    private CommandSpec spec;

    @Option(names = "--policy", required = true, paramLabel = "FILE", description = "The policy, in JSON.")
    private Path policy;

    @Option(names = "--prune", description = "As if the tenants that the file does not name were removed.")
    private boolean prune;

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
        JsonNode answer = controller.client().whatIf(PolicyText.read(policy), prune);
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            out.println(answer);
        } else {
            lines(answer, out);
        }
        return 0;
    }

    private void lines(JsonNode answer, PrintWriter out) {
        Table table = new Table("TENANT", "WANTS", "ENTITLED", "WOULD BE", "GETS", "WOULD GET", "CHANGE");
        for (JsonNode row : answer.path("tenants")) {
            JsonNode before = row.path("before");
            JsonNode after = row.path("after");
            table.row(
                    row.path("tenant").asText(),
                    gpus(row, "demandGpus"),
                    gpus(before, "entitledGpus"),
                    gpus(after, "entitledGpus"),
                    gpus(before, "sharedGpus"),
                    gpus(after, "sharedGpus"),
                    change(before, after));
        }
        table.lines().forEach(out::println);
        out.println();
        int changes = answer.path("changes").size();
        out.println((changes == 0 ? "The file changes nothing. " : "The file changes " + changes + " of the policies. ")
                + "All in GPU-equivalents"
                + (answer.path("simulated").asBoolean() ? "; there are simulated GPUs." : "."));
    }

    private static String gpus(JsonNode node, String field) {
        return node.path(field).isNumber()
                ? String.format(Locale.ROOT, "%.3f", node.path(field).asDouble())
                : "-";
    }

    private static String change(JsonNode before, JsonNode after) {
        if (!before.isObject()) {
            return "new";
        }
        if (!after.isObject()) {
            return "removed";
        }
        double change =
                after.path("sharedGpus").asDouble() - before.path("sharedGpus").asDouble();
        return Math.abs(change) < SAME_GPUS ? "" : String.format(Locale.ROOT, "%+.3f", change);
    }
}
