package io.aliquot.cli.token;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.http.HttpConfigException;
import io.aliquot.schema.http.SecretFile;
import io.aliquot.schema.http.TokenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes tokens and their lines to files that nobody else can read, not even for a moment. */
final class TokenFiles {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private TokenFiles() {}

    /** @throws CommandException when the file with this line more would not be right */
    static void check(Path file, String line) {
        try {
            String before = Files.exists(file) ? SecretFile.read("--append", file) : "";
            TokenFile.parse(joined(before, line), "--append " + file);
        } catch (HttpConfigException e) {
            throw CommandException.badInput(e.problem(), e.fix());
        }
    }

    /** Appends a line, and makes the file if there is none. */
    static void append(Path file, String line) {
        try {
            String before = Files.exists(file) ? Files.readString(file) : "";
            String added = joined(before, line).substring(before.length());
            write(file, added, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw CommandException.unavailable("can't write " + file + ": " + e, "choose another --append", e);
        }
    }

    /** Makes a file that is not there. */
    static void create(Path file, String token) {
        try {
            write(file, token + "\n", Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) {
            throw CommandException.badInput("--save " + file + " is there already", "choose a new file");
        } catch (IOException e) {
            throw CommandException.unavailable("can't write " + file + ": " + e, "choose another --save", e);
        }
    }

    private static String joined(String before, String line) {
        return before + (before.isEmpty() || before.endsWith("\n") ? "" : "\n") + line + "\n";
    }

    private static void write(Path file, String text, Set<StandardOpenOption> how) throws IOException {
        try (FileChannel channel = FileChannel.open(file, how, OWNER_ALONE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
