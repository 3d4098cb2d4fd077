package io.aliquot.agent.node;

import java.util.Map;

/** A call of the node library that failed: the function, the errno and its name, and the library's line for people. */
public final class NodeException extends Exception {
    /** Errno of Linux (asm-generic/errno.h): a live agent owns the run folder. */
    public static final int EADDRINUSE = 98;
    /** The fence is not higher than the last accepted one. */
    public static final int ESTALE = 116;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(1, "EPERM"),
            Map.entry(2, "ENOENT"),
            Map.entry(5, "EIO"),
            Map.entry(12, "ENOMEM"),
            Map.entry(13, "EACCES"),
            Map.entry(17, "EEXIST"),
            Map.entry(20, "ENOTDIR"),
            Map.entry(22, "EINVAL"),
            Map.entry(24, "EMFILE"),
            Map.entry(28, "ENOSPC"),
            Map.entry(30, "EROFS"),
            Map.entry(36, "ENAMETOOLONG"),
            Map.entry(38, "ENOSYS"),
            Map.entry(71, "EPROTO"),
            Map.entry(EADDRINUSE, "EADDRINUSE"),
            Map.entry(ESTALE, "ESTALE"));

    private static final long serialVersionUID = 1;
    private final int errno;
    private final String line;

    NodeException(String function, int errno, String line) {
        super(function + ": " + NAMES.getOrDefault(errno, "errno " + errno) + (line.isBlank() ? "" : ": " + line));
        this.errno = errno;
        this.line = line;
    }

    /** @return positive */
    public int errno() {
        return errno;
    }

    /** @return the library's own line; may be empty */
    public String line() {
        return line;
    }
}
