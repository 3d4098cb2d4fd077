package io.aliquot.cli.stack;

/** What long-running parts do, and short commands don't. */
final class Services {
    private static final String LEVEL = "org.slf4j.simpleLogger.log.io.aliquot";

    private Services() {}

    /** Has Aliquot's own log say what happens, not only what is wrong. Before anything logs. */
    static void logInfo() {
        if (System.getProperty(LEVEL) == null) {
            System.setProperty(LEVEL, "info");
        }
    }
}
