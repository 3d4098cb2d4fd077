package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Output;
import io.aliquot.cli.text.Bytes;
import io.aliquot.cli.text.Converters;
import io.aliquot.cli.text.GpuLabels;
import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.schema.ServiceClass;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "Tenants make a tree: org/team is in org and shares what org has. A tenant's share is its weight over the"
                    + " weights of all that have work in the same parent, between its floor (guaranteed while it has"
                    + " work) and its ceiling (not exceeded while others want the time, and never if it is hard)."
                    + " Memory is a hard limit on each GPU. Its class says who goes first of those that have work;"
                    + " floors and ceilings hold whatever the class.",
        },
        subcommands = {ApplyCommand.class, SpeedCommand.class},
        footer = {
            "",
            "Examples:",
            "  aliquot tenants set a --weight 4 --floor 10%% --ceiling 80%% --memory 10GiB",
            "  aliquot tenants set b --ceiling 50%% --hard",
            "  aliquot tenants set c --class latency-critical",
            "  aliquot tenants set a/team --floor 1.5gpus",
            "  aliquot tenants apply policy.json",
            "  aliquot tenants list",
            "  aliquot tenants list --output json | jq '.tenants[].achievedPermille'",
        })
public final class TenantsCommand {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private ControllerOptions controller;

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
            ObjectNode json = JSON.createObjectNode();
            rows.forEach(row -> json.withArray("tenants").add(row.toJson()));
            out().println(json);
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
    int get(@Parameters(paramLabel = "TENANT", description = "Its path.") String tenant) {
        show(client().tenant(tenant));
        return 0;
    }

    @Command(
            name = "set",
            description = {
                "Add a tenant, or change one. What is not given stays as it is; a new tenant begins with weight 1, floor"
                        + " 0%%, a soft ceiling of 100%%, class standard, no memory limit, no history and no credit."
            },
            footer = {
                "",
                "Examples:",
                "  aliquot tenants set a --weight 4 --floor 10%% --ceiling 80%% --memory 10GiB",
                "  aliquot tenants set b --ceiling 50%% --hard",
                "  aliquot tenants set c --class latency-critical",
                "  aliquot tenants set a/team --floor 1.5gpus --history 1h --gpus pool=a",
            })
    int set(
            @Parameters(
                            paramLabel = "TENANT",
                            description =
                                    "Its path: names of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter"
                                            + " or digit, joined by '/'; up to 63 characters. What it is in must be there.")
                    String tenant,
            @Option(
                            names = "--weight",
                            paramLabel = "N",
                            converter = Converters.Weight.class,
                            description = "Its claim relative to the others', 1 to 1000000.")
                    @Nullable Integer weight,
            @Option(
                            names = "--floor",
                            paramLabel = "AMOUNT",
                            description =
                                    "Guaranteed while it has work: of what its parent has, such as 10%%, or in GPUs,"
                                            + " such as 1.5gpus.")
                    @Nullable Amount floor,
            @Option(
                            names = "--ceiling",
                            paramLabel = "AMOUNT",
                            description =
                                    "Not exceeded while others want the time: of the most that its parent can have, such"
                                            + " as 80%%, or in GPUs, such as 2gpus.")
                    @Nullable Amount ceiling,
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
            @Option(
                            names = "--history",
                            paramLabel = "TIME",
                            converter = Converters.Seconds.class,
                            description = "How long past use counts: after this time half as much, such as 1h; off for"
                                    + " not at all.")
                    @Nullable Long history,
            @Option(
                            names = "--burst-credit",
                            paramLabel = "TIME",
                            converter = Converters.Seconds.class,
                            description =
                                    "How much it may save up by lending, as time of one GPU, such as 3600s; off for"
                                            + " nothing.")
                    @Nullable Long credit,
            @ArgGroup @Nullable GangKind gang,
            @Option(
                            names = "--gpus",
                            paramLabel = "LABELS",
                            description =
                                    "The GPUs it is meant for, by their labels, such as pool=a,model=b; any for all.")
                    @Nullable GpuLabels gpus,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the audit.") @Nullable String reason) {
        QuotaChange.Builder said = new QuotaChange.Builder()
                .weight(weight == null ? null : (long) weight)
                .hardCeiling(kind == null ? null : kind.hard)
                .serviceClass(serviceClass == null ? null : serviceClass.number())
                .memoryLimitBytes(memory == null ? null : memory.bytes())
                .historyHalfLifeSeconds(history)
                .burstCreditGpuSeconds(credit)
                .gang(gang == null ? null : gang.gang)
                .gpuLabels(gpus == null ? null : gpus.labels());
        if (floor != null) {
            said.floor(floor);
        }
        if (ceiling != null) {
            said.ceiling(ceiling);
        }
        ObjectNode quota = QuotaJson.body(said.build());
        if (quota.isEmpty()) {
            throw CommandException.badInput(
                    "nothing to set for tenant '" + tenant + "'",
                    "give --weight, --floor, --ceiling, --hard, --soft, --class, --memory, --history, --burst-credit,"
                            + " --gang, --no-gang or --gpus");
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
            @Parameters(paramLabel = "TENANT", description = "Its path.") String tenant,
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

    /** A gang or not: one of the two. */
    private static final class GangKind {
        @Option(
                names = "--gang",
                required = true,
                description = "All its work is one job whose parts wait for each other: the same share of each GPU.")
        private boolean gang;

        @Option(names = "--no-gang", required = true, description = "Its work is many jobs, as a new tenant's.")
        @SuppressWarnings("UnusedVariable") // picocli looks at it
        private boolean many;
    }

    private void show(JsonNode quota) {
        out().println(output == Output.JSON ? quota : QuotaWords.line(quota));
    }

    Output output() {
        return output;
    }

    ControllerClient client() {
        return controller.client();
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
