package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Output;
import io.aliquot.controller.policyfile.Texts;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code aliquot tenants speed}: how fast GPUs are, by their labels. */
@Command(
        name = "speed",
        description = {
            "Show or set how fast GPUs are, by their labels.",
            "",
            "Amounts in GPUs are of a GPU with speed 100%%. A GPU with several of these labels has the product, one with none"
                    + " 100%%. What is given replaces all that there are.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot tenants speed",
            "  aliquot tenants speed \"model=NVIDIA A100\"=40%% \"model=NVIDIA H100\"=100%%",
            "  aliquot tenants speed --none",
        })
final class SpeedCommand implements Callable<Integer> {
    @ParentCommand
    private TenantsCommand tenants;

    @Parameters(arity = "0..*", paramLabel = "LABEL=SPEED", description = "Such as \"model=NVIDIA A100\"=40%%.")
    private @Nullable List<String> given;

    @Option(names = "--none", description = "Take all of them away: every GPU is as fast as any.")
    private boolean none;

    @Override
    public Integer call() {
        List<String> speeds = given == null ? List.of() : given;
        if (none && !speeds.isEmpty()) {
            throw CommandException.badInput("--none with '" + speeds.getFirst() + "'", "give one of them");
        }
        SortedMap<String, Long> wanted = parsed(speeds);
        ControllerClient client = tenants.client();
        JsonNode cluster =
                none || !wanted.isEmpty() ? client.setCluster(QuotaJson.clusterBody(wanted)) : client.cluster();
        if (tenants.output() == Output.JSON) {
            tenants.out().println(cluster);
        } else if (cluster.path("gpuSpeed").isEmpty()) {
            tenants.out().println("Every GPU has speed 100%.");
        } else {
            QuotaWords.speeds(cluster).forEach(tenants.out()::println);
        }
        return 0;
    }

    private static SortedMap<String, Long> parsed(List<String> given) {
        SortedMap<String, Long> speeds = new TreeMap<>();
        for (String one : given) {
            int sign = one.lastIndexOf('=');
            if (sign < 0 || one.indexOf('=') == sign) {
                throw CommandException.badInput(
                        "'" + one + "' is not a label with a speed", "give one such as \"model=NVIDIA A100\"=40%");
            }
            String label = one.substring(0, sign);
            long permille;
            try {
                permille = Texts.factorPermille(one.substring(sign + 1));
            } catch (IllegalArgumentException e) {
                throw CommandException.badInput("speed of " + label + ": " + e.getMessage(), "");
            }
            if (speeds.put(label, permille) != null) {
                throw CommandException.badInput("the speed of " + label + " is given twice", "give it once");
            }
        }
        return speeds;
    }
}
