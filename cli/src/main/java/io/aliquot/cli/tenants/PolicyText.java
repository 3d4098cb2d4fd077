package io.aliquot.cli.tenants;

import io.aliquot.cli.base.CommandException;
import io.aliquot.controller.policyfile.PolicyFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a policy file. */
public final class PolicyText {
    private PolicyText() {}

    /** @throws CommandException when the file can't be read, is too large, or is no text */
    public static String read(Path file) {
        try {
            if (Files.size(file) > PolicyFile.MAX_CHARACTERS) {
                throw CommandException.badInput(
                        file + " has " + Files.size(file) + " bytes",
                        "give a policy of at most " + PolicyFile.MAX_CHARACTERS);
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw CommandException.badInput(file + " is no text in UTF-8", "give a policy in JSON");
        } catch (IOException e) {
            throw CommandException.badInput(file + " can't be read: " + e, "give a file that is there");
        }
    }
}
