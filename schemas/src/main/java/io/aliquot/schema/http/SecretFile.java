package io.aliquot.schema.http;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** A file that others must neither read nor write: tokens, keys. */
public final class SecretFile {
    private SecretFile() {}

    /**
     * Reads it.
     *
     * @param what it is, for the message, such as {@code --http-tokens}
     * @throws HttpConfigException when it can't be read, or others may read or write it
     */
    public static String read(String what, Path file) throws HttpConfigException {
        String text = readAny(what, file);
        Set<PosixFilePermission> may = permissions(what, file);
        String named = what + " " + file;
        if (may.contains(PosixFilePermission.OTHERS_READ)) {
            throw new HttpConfigException(
                    named + " can be read by every user of this machine", "chmod 600 " + file + ", or 640");
        }
        if (may.contains(PosixFilePermission.OTHERS_WRITE) || may.contains(PosixFilePermission.GROUP_WRITE)) {
            throw new HttpConfigException(
                    named + " can be written by others than its owner", "chmod 600 " + file + ", or 640");
        }
        return text;
    }

    /** Reads a file that is no secret. */
    static String readAny(String what, Path file) throws HttpConfigException {
        String named = what + " " + file;
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new HttpConfigException(named + " is not there", "check the path");
        } catch (CharacterCodingException e) {
            throw new HttpConfigException(named + " is no UTF-8 text", "check the path");
        } catch (IOException e) {
            throw new HttpConfigException(named + " can't be read: " + e, "let this user read it");
        }
    }

    private static Set<PosixFilePermission> permissions(String what, Path file) throws HttpConfigException {
        try {
            return Files.getPosixFilePermissions(file);
        } catch (IOException | UnsupportedOperationException e) {
            throw new HttpConfigException(
                    what + " " + file + ": its permissions can't be read: " + e, "keep it where there are permissions");
        }
    }
}
