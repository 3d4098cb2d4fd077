package io.aliquot.cli.base;

/** What the exit code says to scripts. */
public final class ExitCode {
    public static final int OK = 0;

    /** It ran, and the result was not what it should be. */
    public static final int MISSED = 1;

    /** What was typed is wrong. */
    public static final int BAD_INPUT = 2;

    /** Something that is needed is not there: a broker, a port, a GPU, an agent, a controller. */
    public static final int UNAVAILABLE = 4;

    /** A defect of Aliquot. */
    public static final int DEFECT = 70;

    private ExitCode() {}
}
