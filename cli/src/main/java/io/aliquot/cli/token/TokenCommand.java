package io.aliquot.cli.token;

import picocli.CommandLine.Command;

/** {@code aliquot token}: tokens for the HTTP APIs. */
@Command(
        name = "token",
        description = "Make tokens for the HTTP API of a controller or an agent.",
        subcommands = NewCommand.class,
        footer = {"", "Example:", "  aliquot token new --name grafana --role viewer"})
public final class TokenCommand {}
