package io.aliquot.cli.tenants;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Output;
import io.aliquot.controller.policyfile.PolicyFile;
import io.aliquot.controller.policyfile.PolicySteps;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code aliquot tenants apply}: a whole policy from a file. */
@Command(
        name = "apply",
        description = {
            "Make the tenants what a policy file says.",
            "",
            "The file is checked whole before anything is sent, and all that is wrong with it is told. It says all of each"
                    + " tenant that it names: what is absent is as for a new tenant. Changes are sent in an order in which the"
                    + " policy is right at every moment.",
        },
        footer = {
            "",
            "Example:",
            "  aliquot tenants apply policy.json",
            "with policy.json",
            "  {\"tenants\": [",
            "    {\"tenant\": \"org\", \"weight\": 2, \"ceiling\": \"4gpus\"},",
            "    {\"tenant\": \"org/team\", \"floor\": \"30%%\", \"class\": \"standard\", \"memory\": \"10GiB\",",
            "     \"history\": \"1h\", \"burstCredit\": \"3600s\", \"gang\": true, \"gpus\": {\"pool\": \"a\"}}],",
            "   \"gpuSpeed\": {\"model=NVIDIA A100\": 0.4}}",
        })
final class ApplyCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private TenantsCommand tenants;

    @Parameters(paramLabel = "FILE", description = "The policy, in JSON.")
    private Path file;

    @Option(names = "--prune", description = "Remove the tenants that the file does not name.")
    private boolean prune;

    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why; kept in the audit.")
    private String reason;

    @Override
    public Integer call() {
        PolicyFile policy = PolicyFile.read(PolicyText.read(file));
        ControllerClient client = tenants.client();
        PolicySteps steps = PolicySteps.plan(policy, inForce(client, policy), prune, "", reason);
        if (!steps.problems().isEmpty()) {
            throw wrong(steps.problems());
        }
        for (int done = 0; done < steps.requests().size(); done++) {
            try {
                send(client, steps.requests().get(done));
            } catch (CommandException e) {
                tellHowFar(steps.requests(), done);
                throw e;
            }
        }
        show(steps.requests(), policy);
        return 0;
    }

    private CommandException wrong(List<String> problems) {
        PrintWriter err = spec.commandLine().getErr();
        problems.forEach(problem -> err.println("  " + problem));
        String many = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
        return CommandException.badInput(many + " in " + file, "nothing was changed: correct the file");
    }

    private ClusterState inForce(ControllerClient client, PolicyFile policy) {
        try {
            return QuotaJson.inForce(client.tenants(), client.cluster());
        } catch (CommandException e) {
            if (policy.problems().isEmpty()) {
                throw e;
            }
            throw wrong(policy.problems()); // a file that is wrong by itself needs no controller to say so
        } catch (IllegalArgumentException e) {
            throw CommandException.unavailable(
                    "the controller's tenants are not understood: " + e.getMessage(),
                    "use the command and the controller of one version, and a token that sees all tenants",
                    e);
        }
    }

    private void send(ControllerClient client, QuotaRequest request) {
        if (request.remove()) {
            client.remove(request.tenant(), reason);
            return;
        }
        ObjectNode body = request.tenant().equals(Quota.CLUSTER)
                ? QuotaJson.clusterBody(Objects.requireNonNull(request.change().gpuSpeedPermille(), "factors"))
                : QuotaJson.body(request.change());
        if (!reason.isEmpty()) {
            body.put("reason", reason);
        }
        if (request.tenant().equals(Quota.CLUSTER)) {
            client.setCluster(body);
        } else {
            client.set(request.tenant(), body);
        }
    }

    private void tellHowFar(List<QuotaRequest> requests, int done) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("  done: " + names(requests.subList(0, done)));
        err.println("  not done: " + names(requests.subList(done, requests.size())));
    }

    private static String names(List<QuotaRequest> requests) {
        return requests.isEmpty()
                ? "nothing"
                : String.join(", ", requests.stream().map(QuotaRequest::tenant).toList());
    }

    private void show(List<QuotaRequest> requests, PolicyFile policy) {
        PrintWriter out = tenants.out();
        if (tenants.output() == Output.JSON) {
            ObjectNode json = JSON.createObjectNode();
            ArrayNode set = json.putArray("set");
            ArrayNode removed = json.putArray("removed");
            requests.forEach(request -> (request.remove() ? removed : set).add(request.tenant()));
            out.println(json);
            return;
        }
        for (QuotaRequest request : requests) {
            String what = request.tenant().equals(Quota.CLUSTER) ? "speed of GPUs" : "tenant " + request.tenant();
            out.println(what + (request.remove() ? " is removed" : " is set"));
        }
        long set = requests.stream()
                .filter(request -> policy.tenants().containsKey(request.tenant()))
                .count();
        out.println((policy.tenants().size() - set) + " of " + policy.tenants().size()
                + " tenants in the file were as it says");
    }
}
