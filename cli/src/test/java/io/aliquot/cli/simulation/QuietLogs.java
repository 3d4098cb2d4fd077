package io.aliquot.cli.simulation;

/** Programs that live through thousands of faults have much to log, and nobody reads it. To be set before they are loaded. */
final class QuietLogs {
    private QuietLogs() {}

    static void set() {
        System.setProperty("org.slf4j.simpleLogger.log.io.aliquot.agent.app.Enforcer", "off");
    }
}
