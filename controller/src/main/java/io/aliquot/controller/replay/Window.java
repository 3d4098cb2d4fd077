package io.aliquot.controller.replay;

/**
 * The part of a recording that is reported. Immutable.
 *
 * @param from the first moment; empty for the recording's first
 * @param to the first moment after it; empty for none
 */
public record Window(Edge from, Edge to) {
    /** All of a recording. */
    public static final Window ALL = new Window(new Edge.After(0), new Edge.After(Long.MAX_VALUE));

    /** One end. */
    public sealed interface Edge {
        /** A moment of the controller's wall clock. */
        record At(long unixMs) implements Edge {}

        /** So long after the recording's first tick. */
        record After(long ms) implements Edge {}
    }

    boolean contains(long unixMs, long firstUnixMs) {
        return !isBefore(unixMs, firstUnixMs, from) && isBefore(unixMs, firstUnixMs, to);
    }

    private static boolean isBefore(long unixMs, long firstUnixMs, Edge edge) {
        return switch (edge) {
            case Edge.At(long atMs) -> unixMs < atMs;
            case Edge.After(long ms) -> unixMs - firstUnixMs < ms;
        };
    }
}
