package io.aliquot.cli.tenants;

import io.aliquot.cli.base.CommandException;
import io.aliquot.schema.http.HttpConfigException;
import io.aliquot.schema.http.SecretFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where controllers are, as whom to speak to them, and which CA to trust. Immutable.
 *
 * @param urls one or more, without a slash at the end
 * @param tokenFile the token's, for messages
 * @param trust of https; without, what Java trusts
 */
record ControllerAccess(
        List<String> urls, Optional<Path> tokenFile, Optional<String> token, Optional<SSLContext> trust) {
    static final String TOKEN_OPTION = "--token-file";
    static final String CA_OPTION = "--ca";

    private static final String EXAMPLE = "give one such as http://127.0.0.1:7070";

    ControllerAccess {
        urls = List.copyOf(urls);
    }

    /** One that wants no token. */
    static ControllerAccess open(String url) {
        return of(List.of(url), Optional.empty(), Optional.empty());
    }

    /** @throws CommandException when something can't be used, or a token would go over the network in the clear */
    static ControllerAccess of(List<String> urls, Optional<Path> tokenFile, Optional<Path> ca) {
        List<String> clean = urls.stream().map(ControllerAccess::checked).toList();
        Optional<String> token = tokenFile.map(ControllerAccess::token);
        if (token.isPresent()) {
            clean.forEach(ControllerAccess::checkPrivate);
        }
        return new ControllerAccess(clean, tokenFile, token, ca.map(ControllerAccess::trust));
    }

    private static String checked(String url) {
        try {
            if (url.matches("https?://[^/\\s]+/?") && URI.create(url).getHost() != null) {
                return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
            }
        } catch (IllegalArgumentException e) {
            throw CommandException.badInput("'" + url + "' is not a controller's address: " + e.getMessage(), EXAMPLE);
        }
        throw CommandException.badInput("'" + url + "' is not a controller's address", EXAMPLE);
    }

    private static void checkPrivate(String url) {
        URI uri = URI.create(url);
        if (uri.getScheme().equals("http") && !isLoopback(uri.getHost())) {
            throw CommandException.badInput(
                    "the token would go to " + url + " in the clear", "use https://, or leave the token out");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String token(Path file) {
        try {
            String token = SecretFile.read(TOKEN_OPTION, file).strip();
            if (!token.matches("[\\x21-\\x7e]{1,512}")) {
                throw CommandException.badInput(
                        TOKEN_OPTION + " " + file + " is not one token on one line",
                        "write what `aliquot token new` showed into it, and nothing else");
            }
            return token;
        } catch (HttpConfigException e) {
            throw CommandException.badInput(e.problem(), e.fix());
        }
    }

    private static SSLContext trust(Path ca) {
        String option = CA_OPTION + " " + ca;
        try (InputStream pem = Files.newInputStream(ca)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca-" + ++count, certificate);
            }
            if (count == 0) {
                throw CommandException.badInput(option + " has no certificate", "give the CA's, as PEM");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw CommandException.badInput(option + " can't be read: " + e, "check the path");
        } catch (GeneralSecurityException e) {
            throw CommandException.badInput(option + " is no certificate: " + e.getMessage(), "give the CA's, as PEM");
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return String.join(", ", urls) + (token.isPresent() ? " with a token" : "");
    }
}
