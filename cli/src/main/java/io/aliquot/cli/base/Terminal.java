package io.aliquot.cli.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What standard output and error are connected to. */
public final class Terminal {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private Terminal() {}

    /** Whether standard output can be drawn on in place. */
    public static boolean outIsLive() {
        return isLive(STDOUT);
    }

    /** Whether standard error can be drawn on in place. */
    public static boolean errIsLive() {
        return isLive(STDERR);
    }

    /** Whether to use colours on standard output: on a terminal, unless NO_COLOR asks for none. */
    public static boolean colours() {
        return outIsLive() && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
    }

    /* System.console() looks at standard input too, and may load a line editor: the descriptor says it more simply. */
    private static boolean isLive(int descriptor) {
        if (System.getenv().getOrDefault("TERM", "dumb").equals("dumb")) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
