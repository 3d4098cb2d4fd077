package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.Converters;
import io.aliquot.cli.text.Percent;
import io.aliquot.schema.ServiceClass;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code aliquot tenants}: quotas, through the controller's API. */
@Command(
        name = "tenants",
        description = {
            "List, add, change or remove tenants.",
            "",
            "A tenant's share of a GPU is its weight over the weights of all that have work, between its floor"
                    + " (guaranteed while it has work) and its ceiling (not exceeded while others want the time, and"
                    + " never if it is hard). Memory is a hard limit on each GPU. Its class says who goes first of"
                    + " those that have work; floors and ceilings hold whatever the class.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot tenants set a --weight 4 --floor 10%% --ceiling 80%% --memory 10GiB",
            "  aliquot tenants set b --ceiling 50%% --hard",
            "  aliquot tenants set c --class latency-critical",
            "  aliquot tenants list",
            "  aliquot tenants list --output json | jq '.tenants[].achievedPermille'",
        })
public final class TenantsCommand {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--controller",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "The controller (default: the one that `aliquot up` runs here, or http://127.0.0.1:7070).")
    private @Nullable String controller;

    @Option(
            names = "--run-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description = "The folder in which `aliquot up` says where it is (default: as `aliquot up`).")
    private @Nullable Path runDir;

    @Option(
            names = "--output",
            scope = ScopeType.INHERIT,
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: text).")
    private Output output;

    @Command(
            name = "list",
            description = "Show every tenant: quota, target, and what it has now.",
            footer = {"", "Example:", "  aliquot tenants list"})
    int list() {
        ControllerClient client = client();
        List<TenantRow> rows = TenantRow.of(client.tenants(), client.allocations());
        if (output == Output.JSON) {
            out().println(JSON.createObjectNode().set("tenants", JSON.valueToTree(rows)));
        } else if (rows.isEmpty()) {
            out().println("There are no tenants yet. Add one:  aliquot tenants set a --weight 1");
        } else {
            TenantRow.table(rows).forEach(out()::println);
            out().println();
            out().println("TARGET and ACHIEVED are parts of one GPU"
                    + (rows.stream().anyMatch(TenantRow::simulated) ? "; the GPU is simulated." : "."));
        }
        return 0;
    }

    @Command(
            name = "get",
            description = "Show one tenant's quota.",
            footer = {"", "Example:", "  aliquot tenants get a --output json"})
    int get(@Parameters(paramLabel = "TENANT", description = "Its name.") String tenant) {
        show(client().tenant(tenant));
        return 0;
    }

    @Command(
            name = "set",
            description = {
                "Add a tenant, or change one. What is not given stays as it is; a new tenant begins with weight 1, floor"
                        + " 0%%, a soft ceiling of 100%%, class standard and no memory limit."
            },
            footer = {
                "",
                "Examples:",
                "  aliquot tenants set a --weight 4 --floor 10%% --ceiling 80%% --memory 10GiB",
                "  aliquot tenants set b --ceiling 50%% --hard",
                "  aliquot tenants set c --class latency-critical",
            })
    int set(
            @Parameters(
                            paramLabel = "TENANT",
                            description = "Its name: 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning and ending with a"
                                    + " letter or digit.")
                    String tenant,
            @Option(
                            names = "--weight",
                            paramLabel = "N",
                            converter = Converters.Weight.class,
                            description = "Its claim relative to the others', 1 to 1000000.")
                    @Nullable Integer weight,
            @Option(
                            names = "--floor",
                            paramLabel = "PERCENT",
                            description =
                                    "Guaranteed while it has work, such as 10%%. The floors of all tenants sum to at"
                                            + " most 100%%.")
                    @Nullable Percent floor,
            @Option(
                            names = "--ceiling",
                            paramLabel = "PERCENT",
                            description = "Not exceeded while others want the time, such as 80%%.")
                    @Nullable Percent ceiling,
            @ArgGroup @Nullable CeilingKind kind,
            @Option(
                            names = "--class",
                            paramLabel = "CLASS",
                            description =
                                    "standard waits for its turn; latency-critical runs at once, for as long as the"
                                            + " others' floors hold over a second; best-effort gets what the others leave at the"
                                            + " moment, and never less than its floor.")
                    @Nullable ServiceClass serviceClass,
            @Option(
                            names = "--memory",
                            paramLabel = "SIZE",
                            description = "Its limit of memory on each GPU, such as 10GiB; 0 for none.")
                    @Nullable Bytes memory,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the audit.") @Nullable String reason) {
        ObjectNode quota = JSON.createObjectNode();
        if (weight != null) {
            quota.put("weight", weight);
        }
        if (floor != null) {
            quota.put("floorPermille", floor.permille());
        }
        if (ceiling != null) {
            quota.put("ceilingPermille", ceiling.permille());
        }
        if (kind != null) {
            quota.put("hardCeiling", kind.hard);
        }
        if (serviceClass != null) {
            quota.put("serviceClass", serviceClass.word());
        }
        if (memory != null) {
            quota.put("memoryLimitBytes", memory.bytes());
        }
        if (quota.isEmpty()) {
            throw CommandException.badInput(
                    "nothing to set for tenant '" + tenant + "'",
                    "give --weight, --floor, --ceiling, --hard, --soft, --class or --memory");
        }
        if (reason != null) {
            quota.put("reason", reason);
        }
        show(client().set(tenant, quota));
        return 0;
    }

    @Command(
            name = "remove",
            description = "Remove a tenant. Its running programs go on with the least share; new ones are refused.",
            footer = {"", "Example:", "  aliquot tenants remove a --reason \"moved to another cluster\""})
    int remove(
            @Parameters(paramLabel = "TENANT", description = "Its name.") String tenant,
            @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why; kept in the audit.")
                    String reason) {
        var answer = client().remove(tenant, reason);
        out().println(output == Output.JSON ? answer : "tenant " + tenant + " is removed");
        return 0;
    }

    /** Hard or soft: one of the two. */
    private static final class CeilingKind {
        @Option(
                names = "--hard",
                required = true,
                description = "Its ceiling holds when nobody else wants the time, too.")
        private boolean hard;

        @Option(
                names = "--soft",
                required = true,
                description = "Its ceiling holds only while others want the time, as a new tenant's.")
        @SuppressWarnings("UnusedVariable") // picocli looks at it
        private boolean soft;
    }

    private void show(com.fasterxml.jackson.databind.JsonNode quota) {
        if (output == Output.JSON) {
            out().println(quota);
            return;
        }
        long memory = quota.path("memoryLimitBytes").asLong();
        out().printf(
                        "tenant %s: class %s, weight %d, floor %s, ceiling %s%s, memory limit %s%n",
                        quota.path("tenant").asText(),
                        quota.path("serviceClass").asText(),
                        quota.path("weight").asInt(),
                        new Percent(quota.path("floorPermille").asInt()),
                        new Percent(quota.path("ceilingPermille").asInt()),
                        quota.path("hardCeiling").asBoolean() ? " hard" : "",
                        memory == 0 ? "none" : new Bytes(memory));
    }

    private ControllerClient client() {
        return ControllerClient.at(controller, runDir);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
