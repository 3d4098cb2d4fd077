package io.aliquot.cli.acls;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.kafka.Role;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot acls}: the commands that allow each role what it needs in Kafka. */
@Command(
        name = "acls",
        description = {
            "Print the kafka-acls.sh commands that allow users of Kafka what they need for Aliquot, and no more.",
            "",
            "Each option may come several times. Nothing is sent to Kafka: look at the commands, and run them as a user who"
                    + " may alter ACLs.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot acls --controller aliquot --node gpu-17 --node gpu-18",
            "  aliquot acls --node gpu-17 --kafka kafka.example:9093 --admin-config admin.properties | sh",
        })
public final class AclsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--controller", paramLabel = "USER", description = "Runs a controller.")
    private @Nullable List<String> controllers;

    @Option(names = "--node", paramLabel = "USER", description = "Runs a node's agent; best named as the node.")
    private @Nullable List<String> nodes;

    @Option(names = "--requester", paramLabel = "USER", description = "Asks for quotas through Kafka.")
    private @Nullable List<String> requesters;

    @Option(names = "--reader", paramLabel = "USER", description = "Reads all topics, as `aliquot replay` does.")
    private @Nullable List<String> readers;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = "The brokers, as the commands should name them (default: 127.0.0.1:9092).")
    private String kafka;

    @Option(
            names = "--admin-config",
            paramLabel = "FILE",
            description = "The file that kafka-acls.sh logs in with (default: none).")
    private @Nullable String adminConfig;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        int users = print(out, Role.CONTROLLER, controllers)
                + print(out, Role.AGENT, nodes)
                + print(out, Role.REQUESTER, requesters)
                + print(out, Role.READER, readers);
        if (users == 0) {
            throw CommandException.badInput(
                    "nobody is named", "give --controller, --node, --requester or --reader with a user of Kafka");
        }
        return 0;
    }

    private int print(PrintWriter out, Role role, @Nullable List<String> users) {
        if (users == null) {
            return 0;
        }
        for (String user : users) {
            for (Role.Grant grant : role.grants()) {
                out.println(command(user, grant));
            }
        }
        return users.size();
    }

    private String command(String user, Role.Grant grant) {
        return "kafka-acls.sh --bootstrap-server " + quoted(kafka)
                + (adminConfig == null ? "" : " --command-config " + quoted(adminConfig))
                + " --add --allow-principal " + quoted("User:" + user)
                + grant.operations().stream()
                        .map(operation -> " --operation " + word(operation))
                        .collect(Collectors.joining())
                + (grant.type() == ResourceType.TOPIC ? " --topic " : " --transactional-id ")
                + quoted(grant.name());
    }

    /** DESCRIBE_CONFIGS is DescribeConfigs there. */
    private static String word(AclOperation operation) {
        return List.of(operation.name().split("_")).stream()
                .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /** As one word of a shell. */
    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9._:,/@=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
