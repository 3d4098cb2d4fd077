package io.aliquot.schema.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpGuardTest {
    @TempDir
    Path dir;

    private Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(dir.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void beyondLoopbackItTakesTokensAndTls() throws Exception {
        var tokens = Optional.of(Tokens.open(secret("tokens", "ops operator sha256:" + Token.hash("one"))));
        var tls = Optional.of(new HttpTls(dir, dir));
        for (String host : new String[] {"0.0.0.0", "::", "192.0.2.1", "no-such-host.invalid"}) {
            assertThatThrownBy(() -> HttpGuard.NONE.check(host))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("--http-host " + host + " is not the loopback address: expected --http-tokens FILE"
                            + " and --http-cert FILE --http-key FILE (--http-behind-proxy instead where a proxy in front"
                            + " does TLS)");
            assertThatThrownBy(() -> new HttpGuard(tokens, Optional.empty(), false).check(host))
                    .hasMessageContaining("expected --http-cert FILE --http-key FILE (");
            assertThatThrownBy(() -> new HttpGuard(Optional.empty(), tls, false).check(host))
                    .hasMessageEndingWith("expected --http-tokens FILE");
            assertThatThrownBy(() -> new HttpGuard(Optional.empty(), Optional.empty(), true).check(host))
                    .hasMessageEndingWith("expected --http-tokens FILE");
            assertThatCode(() -> new HttpGuard(tokens, tls, false).check(host)).doesNotThrowAnyException();
            assertThatCode(() -> new HttpGuard(tokens, Optional.empty(), true).check(host))
                    .doesNotThrowAnyException();
        }
        for (String host : new String[] {"127.0.0.1", "127.8.9.1", "::1", "localhost"}) {
            assertThatCode(() -> HttpGuard.NONE.check(host)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> new HttpGuard(tokens, tls, true).check("127.0.0.1"))
                .hasMessageContaining("--http-behind-proxy with --http-cert");
    }

    @Test
    void certificateAndKeyAreLookedAt() throws Exception {
        Path certificate = secret("cert", "-----BEGIN CERTIFICATE-----\n");
        Path key = secret("key", "-----BEGIN PRIVATE KEY-----\n");
        assertThat(wrong(certificate, key)).startsWith("--http-cert " + certificate + " is no certificate");
        assertThat(wrong(certificate, secret("rsa", "-----BEGIN RSA PRIVATE KEY-----\n")))
                .endsWith("rsa is no PKCS #8");
        assertThat(wrong(dir.resolve("none"), key)).contains("--http-cert " + dir.resolve("none") + " is not there");
        assertThat(wrong(key, key)).contains("--http-cert " + key + " has no certificate");
        assertThat(wrong(certificate, certificate)).contains("--http-key " + certificate + " has no private key");
        Path encrypted = secret("encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
        assertThat(wrong(certificate, encrypted)).contains("is encrypted");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(wrong(certificate, key)).contains("--http-key " + key + " can be read by every user");
    }

    private static String wrong(Path certificate, Path key) {
        return catchThrowableOfType(HttpConfigException.class, () -> HttpTls.open(certificate, key))
                .problem();
    }
}
