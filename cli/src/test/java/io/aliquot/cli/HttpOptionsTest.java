package io.aliquot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.schema.http.Token;
import io.aliquot.schema.http.TokenFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with tokens, certificates and addresses is told before anything is started or sent. */
class HttpOptionsTest {
    private static final int BAD_INPUT = 2;

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>();
        for (Object word : words) {
            all.add(word.toString());
        }
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    private void refused(List<Object> words, String... said) {
        assertThat(run(words.toArray())).as(err.toString()).isEqualTo(BAD_INPUT);
        assertThat(err.toString()).startsWith("aliquot: ").hasLineCount(1).contains(said);
    }

    private Path file(String name, String text, String mode) throws Exception {
        Path file = Files.writeString(dir.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private List<Object> server(String command, Object... options) {
        List<Object> words = new ArrayList<>(List.of(command, "--kafka", "127.0.0.1:9"));
        words.addAll(List.of(options));
        return words;
    }

    private static List<Object> client(Object... options) {
        List<Object> words = new ArrayList<>(List.of("tenants", "list"));
        words.addAll(List.of(options));
        return words;
    }

    @Test
    void aServerSaysWhatItsFilesLack() throws Exception {
        String line = "ops operator sha256:" + Token.hash("t");
        Path tokens = file("tokens", line, "rw-------");
        Path open = file("open", line, "rw-r--r--");
        Path wrong = file("wrong", "# \n" + Token.random() + " operator", "rw-------");
        TestCa ca = new TestCa(dir, "ca");
        Path certificate = ca.server("one");
        ca.server("two");
        Path broken = file("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "rw-------");
        for (String command : List.of("controller", "agent")) {
            refused(
                    server(command, "--http-tokens", open),
                    "--http-tokens " + open + " can be read by every user",
                    "chmod");
            refused(server(command, "--http-tokens", wrong), "--http-tokens " + wrong + " line 2: ", "token new");
            assertThat(err.toString()).doesNotContain("aliquot_");
            refused(server(command, "--http-tokens", dir.resolve("none")), "none is not there");
            refused(server(command, "--http-cert", certificate), "--http-cert without --http-key");
            refused(
                    server(command, "--http-cert", certificate, "--http-key", dir.resolve("two.key")),
                    "two.key is not the key of the first certificate in " + certificate);
            refused(server(command, "--http-cert", certificate, "--http-key", tokens), "has no private key");
            refused(
                    server(command, "--http-cert", certificate, "--http-key", broken),
                    "broken.key is no EC key, as --http-cert has");
        }
        refused(
                server("controller", "--http-host", "0.0.0.0", "--http-tokens", tokens),
                "--http-host 0.0.0.0 is not the loopback address: expected --http-cert FILE --http-key FILE",
                "--http-behind-proxy");
        refused(server("controller", "--http-host", "0.0.0.0", "--http-behind-proxy"), "expected --http-tokens FILE");
    }

    @Test
    void aCommandSaysWhatKeepsItFromSendingItsToken() throws Exception {
        Path token = file("token", Token.random() + "\n", "rw-------");
        Path open = file("open", Token.random() + "\n", "rw-r--r--");
        refused(client("--token-file", open), "--token-file " + open + " can be read by every user", "chmod 600");
        refused(client("--token-file", file("two", "a b", "rw-------")), "is not one token on one line");
        refused(
                client("--token-file", token, "--controller", "http://192.0.2.1:7070"),
                "the token would go to http://192.0.2.1:7070 in the clear",
                "https://");
        refused(
                client("--token-file", token, "--controller", "https://a:1,http://192.0.2.1:7070"),
                "http://192.0.2.1:7070 in the clear");
        refused(client("--ca", token, "--controller", "https://a:1"), "--ca " + token, "PEM");
        refused(client("--controller", "http://a:1,nowhere"), "'nowhere' is not a controller's address");
        assertThat(run(client("--controller", "http://127.0.0.1:9,http://127.0.0.1:10")
                        .toArray()))
                .isEqualTo(4);
        assertThat(err.toString())
                .contains("no controller answers at http://127.0.0.1:9")
                .hasLineCount(1);
    }

    @Test
    void aNewTokenIsShownOnceAndItsLineKnowsIt() throws Exception {
        assertThat(run("token", "new", "--name", "ci", "--role", "tenant", "--tenant", "lab/a,shop"))
                .isZero();
        List<String> shown = out.toString().lines().toList();
        String token = shown.getFirst().split(" +")[1];
        String line = shown.getLast().replaceFirst("line +", "");
        assertThat(TokenFile.parse(line, "line").caller(token).orElseThrow().toString())
                .isEqualTo("'ci' (tenant of lab/a, shop)");

        Path tokens = dir.resolve("tokens");
        Path saved = dir.resolve("ops.token");
        assertThat(run("token", "new", "--name", "ops", "--role", "operator", "--append", tokens, "--save", saved))
                .isZero();
        assertThat(out.toString()).doesNotContain("aliquot_", "sha256");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(saved)))
                .isEqualTo("rw-------");
        assertThat(run("token", "new", "--name", "eve", "--role", "viewer", "--append", tokens))
                .isZero();
        assertThat(Files.readAllLines(tokens)).hasSize(2);
        assertThat(TokenFile.parse(Files.readString(tokens), "file")
                        .caller(Files.readString(saved).strip()))
                .isPresent();

        List<Object> again = List.of("token", "new", "--name", "ops", "--role", "operator", "--append", tokens);
        List<Object> saves = new ArrayList<>(again);
        saves.addAll(List.of("--save", saved));
        refused(saves, "--save " + saved + " is there already");
        assertThat(Files.readAllLines(tokens)).hasSize(2);
    }

    @Test
    void aTokenThatCanNotBeIsNotMade() throws Exception {
        Path tokens = file("tokens", "ops operator sha256:" + Token.hash("t"), "rw-------");
        refused(
                List.of("token", "new", "--name", "a", "--role", "root"),
                "--role 'root'",
                "viewer, tenant or operator");
        refused(List.of("token", "new", "--name", "a", "--role", "tenant"), "role tenant without a tenant", "--tenant");
        refused(
                List.of("token", "new", "--name", "a", "--role", "viewer", "--tenant", "b"),
                "role viewer with a tenant");
        refused(List.of("token", "new", "--name", "a b", "--role", "viewer"), "name 'a b'");
        refused(List.of("token", "new", "--name", "a", "--role", "tenant", "--tenant", "B/"), "tenant 'B/'");
        refused(
                List.of("token", "new", "--name", "ops", "--role", "viewer", "--append", tokens),
                "--append " + tokens + " line 2: 'ops' (viewer) is 'ops' (operator) above");
        assertThat(Files.readAllLines(tokens)).hasSize(1);
    }
}
