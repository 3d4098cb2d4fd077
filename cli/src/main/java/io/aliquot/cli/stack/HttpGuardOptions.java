package io.aliquot.cli.stack;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.http.HttpConfigException;
import io.aliquot.schema.http.HttpGuard;
import io.aliquot.schema.http.HttpTls;
import io.aliquot.schema.http.Tokens;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may use a command's HTTP API, and over what. */
final class HttpGuardOptions {
    @Option(
            names = Tokens.OPTION,
            paramLabel = "FILE",
            description = "Who may use it: tokens with roles, made by `aliquot token new`. Needed where other machines"
                    + " reach it.")
    private @Nullable Path tokens;

    @Option(
            names = "--http-cert",
            paramLabel = "FILE",
            description = "Its certificate for TLS and those between that and the CA, PEM. Needed likewise.")
    private @Nullable Path certificate;

    @Option(
            names = "--http-key",
            paramLabel = "FILE",
            description = "The certificate's key, PEM (PKCS #8), not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--http-behind-proxy",
            description = "Without TLS where other machines reach it: a proxy in front does that, and nobody else may"
                    + " listen in between.")
    private boolean proxied;

    /**
     * Reads the files.
     *
     * @throws CommandException when one can't be used, or the certificate comes without its key
     */
    HttpGuard guard() {
        if ((certificate == null) != (key == null)) {
            throw CommandException.badInput(
                    certificate == null ? "--http-key without --http-cert" : "--http-cert without --http-key",
                    "give both");
        }
        try {
            return new HttpGuard(
                    tokens == null ? Optional.empty() : Optional.of(Tokens.open(tokens)),
                    certificate == null || key == null ? Optional.empty() : Optional.of(HttpTls.open(certificate, key)),
                    proxied);
        } catch (HttpConfigException e) {
            throw CommandException.badInput(e.problem(), e.fix());
        }
    }
}
