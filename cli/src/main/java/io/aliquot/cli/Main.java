package io.aliquot.cli;

import io.aliquot.cli.acls.AclsCommand;
import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.ExitCode;
import io.aliquot.cli.base.Terminal;
import io.aliquot.cli.bench.BenchCommand;
import io.aliquot.cli.demo.DemoCommand;
import io.aliquot.cli.explain.ExplainCommand;
import io.aliquot.cli.explain.WhatIfCommand;
import io.aliquot.cli.nodes.NodesCommand;
import io.aliquot.cli.poison.PoisonCommand;
import io.aliquot.cli.replay.ReplayCommand;
import io.aliquot.cli.report.ReportCommand;
import io.aliquot.cli.stack.AgentCommand;
import io.aliquot.cli.stack.BrokerCommand;
import io.aliquot.cli.stack.ControllerCommand;
import io.aliquot.cli.stack.UpCommand;
import io.aliquot.cli.tenants.TenantsCommand;
import io.aliquot.cli.text.Converters;
import io.aliquot.cli.token.TokenCommand;
import io.aliquot.cli.topics.TopicsCommand;
import java.io.PrintWriter;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The {@code aliquot} command. {@code aliquot run} is a program in C and never comes here. */
@Command(
        name = "aliquot",
        description = "Divides GPUs among tenants: each gets its exact part, and what one leaves idle another uses.",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            TenantsCommand.class,
            ExplainCommand.class,
            WhatIfCommand.class,
            NodesCommand.class,
            ReportCommand.class,
            AgentCommand.class,
            ControllerCommand.class,
            AclsCommand.class,
            TokenCommand.class,
            BrokerCommand.class,
            TopicsCommand.class,
            PoisonCommand.class,
            ReplayCommand.class,
            BenchCommand.class,
            VersionCommand.class,
        },
        footer = {"", "`aliquot COMMAND --help` says more, with an example."})
public final class Main {
    @Option(names = "--help", usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The whole command line: parsers, exit codes, one-line errors. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main())
                .setColorScheme(CommandLine.Help.defaultColorScheme(Terminal.colours() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpWidth(100)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setParameterExceptionHandler(Main::badInput)
                .setExecutionExceptionHandler(Main::failed);
        Converters.register(line);
        return line;
    }

    private static int badInput(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        if (e instanceof CommandLine.MissingParameterException && args.length == 0) {
            command.usage(command.getErr());
            return ExitCode.BAD_INPUT;
        }
        command.getErr()
                .println("aliquot: " + oneLine(String.valueOf(e.getMessage())).replaceFirst("^Error: ", "") + "; see `"
                        + command.getCommandSpec().qualifiedName() + " --help`");
        return ExitCode.BAD_INPUT;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (e instanceof CommandException known) {
            err.println("aliquot: " + oneLine(known.getMessage()));
            return known.exitCode();
        }
        if (e instanceof CancellationException) {
            return ExitCode.OK; // the process is ending by a signal, which says the code
        }
        err.println("aliquot: internal error: please report it with what follows");
        e.printStackTrace(err);
        return ExitCode.DEFECT;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
