package io.aliquot.cli.token;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.http.Caller;
import io.aliquot.schema.http.Token;
import io.aliquot.schema.http.TokenFile;
import io.aliquot.schema.http.TokenRole;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aliquot token new}: a token for one person or program, and the line by which a controller knows it. */
@Command(
        name = "new",
        description = {
            "Make a token, and the line for the file that a controller or agent has with --http-tokens.",
            "",
            "The token is shown once and kept nowhere, unless --save names a file; the line has only its hash. A viewer"
                    + " reads everything. A tenant reads what concerns its own part of the tree, and divides it among those"
                    + " that are in it. An operator does everything. To take a token back, take its line out of the file.",
        },
        footer = {
            "",
            "Examples:",
            "  aliquot token new --name grafana --role viewer",
            "  aliquot token new --name ops --role operator --append /etc/aliquot/tokens --save ops.token",
            "  aliquot token new --name lab-lead --role tenant --tenant lab --append /etc/aliquot/tokens",
        })
final class NewCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "Whose it is: the name in audits and messages.")
    private String name;

    @Option(names = "--role", required = true, paramLabel = "ROLE", description = "viewer, tenant or operator.")
    private String role;

    @Option(
            names = "--tenant",
            split = ",",
            paramLabel = "PATH",
            description = "For role tenant: its own part of the tree. May be given several times.")
    private List<String> tenants = List.of();

    @Option(
            names = "--append",
            paramLabel = "FILE",
            description = "Append the line to this file, made with mode 600, instead of showing it.")
    private @Nullable Path append;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Write the token to this new file with mode 600, instead of showing it.")
    private @Nullable Path save;

    @Override
    public Integer call() {
        Caller caller = caller();
        String token = Token.random();
        String line = new TokenFile.Entry(caller, Token.hash(token)).line();
        PrintWriter out = spec.commandLine().getOut();
        if (append != null) {
            TokenFiles.check(append, line);
        }
        if (save != null) {
            TokenFiles.create(save, token);
            out.println("token  is in " + save + ", for --token-file");
        } else {
            out.println("token  " + token + "   shown this once; keep it in a file with mode 600, for --token-file");
        }
        if (append != null) {
            TokenFiles.append(append, line);
            out.println("line   is in " + append + ", in force within some seconds where --http-tokens names it");
        } else {
            out.println("line   " + line);
        }
        return 0;
    }

    private Caller caller() {
        TokenRole known = TokenRole.ofWord(role)
                .orElseThrow(() -> CommandException.badInput("--role '" + role + "'", "give " + TokenRole.WORDS));
        try {
            return new Caller(name, known, new TreeSet<>(tenants));
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput(
                    String.valueOf(e.getMessage()), "give --name, --role and, for a tenant, --tenant PATH");
        }
    }
}
