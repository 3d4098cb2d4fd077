package io.aliquot.cli.stack;

import io.aliquot.cli.base.CommandException;
import io.aliquot.cli.base.Lifetime;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A folder for one run of a command, gone with it. */
public final class ScratchFolder {
    private ScratchFolder() {}

    /** Makes one, for this user alone; at the end of {@code life} it is removed with all that is in it. */
    public static Path make(String prefix, Lifetime life) {
        try {
            Path dir = Files.createTempDirectory(prefix);
            life.onEnd(() -> remove(dir));
            return dir;
        } catch (IOException e) {
            throw CommandException.unavailable(
                    "no temporary folder can be made: " + e.getMessage(), "free some space in /tmp", e);
        }
    }

    private static void remove(Path dir) throws IOException {
        Files.walkFileTree(dir, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException error) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
