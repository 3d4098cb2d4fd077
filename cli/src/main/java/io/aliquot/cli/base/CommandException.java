package io.aliquot.cli.base;

import org.jspecify.annotations.Nullable;

/** A command can't do what it was asked: what is wrong, with the value, what would put it right, and the exit code. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandException(int exitCode, String problem, String fix, @Nullable Throwable cause) {
        super(fix.isEmpty() ? problem : problem + "; " + fix, cause);
        this.exitCode = exitCode;
    }

    /** What was typed is wrong. */
    public static CommandException badInput(String problem, String fix) {
        return new CommandException(ExitCode.BAD_INPUT, problem, fix, null);
    }

    /** Something that is needed is not there. */
    public static CommandException unavailable(String problem, String fix, @Nullable Throwable cause) {
        return new CommandException(ExitCode.UNAVAILABLE, problem, fix, cause);
    }

    public int exitCode() {
        return exitCode;
    }

    /** One line for people. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
