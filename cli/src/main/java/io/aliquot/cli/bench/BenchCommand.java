package io.aliquot.cli.bench;

import picocli.CommandLine.Command;

/** {@code aliquot bench}: what the documentation's figures were made with. */
@Command(
        name = "bench",
        description = "Measure Aliquot on this machine, as the documentation's figures were.",
        subcommands = ApplyCommand.class,
        footer = {"", "Example:", "  aliquot bench apply --samples 500"})
public final class BenchCommand {}
