package io.aliquot.agent.model;

/** Checks of record components; each failure names the component, its value and what would be right. */
final class Require {
    private Require() {}

    static void range(String name, long value, long lowest, long highest) {
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be between " + lowest + " and " + highest);
        }
    }

    static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must not be negative");
        }
    }

    static void text(String name, String value, int longest) {
        if (value.isBlank() || value.length() > longest) {
            throw new IllegalArgumentException(
                    name + " is \"" + value + "\"; it must have 1 to " + longest + " characters");
        }
    }
}
