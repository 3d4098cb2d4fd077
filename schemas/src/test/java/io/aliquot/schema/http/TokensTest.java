package io.aliquot.schema.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private static final String OPS = "ops operator sha256:" + Token.hash("one") + "\n";
    private static final String EVE = "eve viewer sha256:" + Token.hash("two") + "\n";

    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = dir.resolve("tokens");
        write(OPS, "rw-------");
    }

    private void write(String text, String mode) throws Exception {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private String refused() {
        HttpConfigException e = catchThrowableOfType(HttpConfigException.class, () -> Tokens.open(file));
        return e.problem() + "; " + e.fix();
    }

    private static boolean knows(Tokens tokens, String token) {
        return tokens.judge("Bearer " + token) instanceof Tokens.Known;
    }

    @Test
    void aFileThatOthersReadOrWriteIsRefused() throws Exception {
        write(OPS, "rw-r--r--");
        assertThat(refused())
                .startsWith("--http-tokens " + file + " can be read by every user")
                .contains("chmod 600");
        write(OPS, "rw-rw----");
        assertThat(refused()).contains("can be written by others", "chmod 600");
        write(OPS, "rw-----w-");
        assertThat(refused()).contains("can be written by others");
        Files.delete(file);
        assertThat(refused()).contains("is not there");
        write(OPS, "r--r-----");
        assertThat(knows(Tokens.open(file), "one")).isTrue();
    }

    @Test
    void onlyAWholeBearerTokenIsTaken() throws Exception {
        Tokens tokens = Tokens.open(file);
        assertThat(tokens.judge("bearer one")).isInstanceOf(Tokens.Known.class);
        for (String header :
                new String[] {"Bearer", "Bearer ", "one", "Basic one", "Bearer one two", "Bearer on", ""}) {
            assertThat(tokens.judge(header))
                    .as(header)
                    .isInstanceOfSatisfying(
                            Tokens.Refused.class,
                            refused -> assertThat(refused.challenge()).contains("Bearer realm", "invalid_token"));
        }
        assertThat(tokens.judge(null))
                .isInstanceOfSatisfying(
                        Tokens.Refused.class,
                        refused -> assertThat(refused.challenge()).isEqualTo("Bearer realm=\"aliquot\""));
    }

    @Test
    void aChangedFileIsInForceAndAWrongOneChangesNothing() throws Exception {
        Tokens tokens = Tokens.open(file);
        assertThat(tokens.refresh()).isEmpty();

        write(OPS + EVE, "rw-------");
        assertThat(tokens.refresh().orElseThrow().taken()).isTrue();
        assertThat(knows(tokens, "two")).isTrue();

        write(EVE + "mallory", "rw-------");
        Change wrong = tokens.refresh().orElseThrow();
        assertThat(wrong.taken()).isFalse();
        assertThat(wrong.words()).contains("line 2", "the tokens of before stay in force");
        assertThat(tokens.refresh()).as("told once").isEmpty();
        assertThat(knows(tokens, "one")).isTrue();

        write(EVE, "rw-r--r--");
        assertThat(tokens.refresh().orElseThrow().words()).contains("every user");
        write(EVE, "rw-------");
        assertThat(tokens.refresh().orElseThrow().words()).endsWith("1 token in force");
        assertThat(knows(tokens, "one")).isFalse();
        assertThat(tokens.toString()).doesNotContain(Token.hash("two"));
    }
}
