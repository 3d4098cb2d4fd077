package io.aliquot.cli.base;

/** For whom a command prints. */
public enum Output {
    /** For people. */
    TEXT,
    /** For scripts. */
    JSON
}
