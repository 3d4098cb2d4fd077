package io.aliquot.schema.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What keeps strangers from an HTTP API.
 *
 * @param tokens who may use it; without, everybody who reaches it may do everything
 * @param proxied something in front of it does TLS
 */
public record HttpGuard(Optional<Tokens> tokens, Optional<HttpTls> tls, boolean proxied) {
    /** Nothing: for the loopback address alone. */
    public static final HttpGuard NONE = new HttpGuard(Optional.empty(), Optional.empty(), false);

    /** {@code http} or {@code https}. */
    public String scheme() {
        return tls.isPresent() ? "https" : "http";
    }

    /**
     * Nobody but the users of this machine may come to an address without tokens and TLS.
     *
     * @throws IllegalArgumentException when others may, with what to do
     */
    public void check(String host) {
        if (proxied && tls.isPresent()) {
            throw new IllegalArgumentException(
                    "--http-behind-proxy with --http-cert: expected one of them; take --http-behind-proxy out");
        }
        boolean safe = tokens.isPresent() && (tls.isPresent() || proxied);
        if (!safe && !isLoopback(host)) {
            throw new IllegalArgumentException("--http-host " + host + " is not the loopback address: expected "
                    + String.join(" and ", missing().toList())
                    + (tls.isPresent() || proxied
                            ? ""
                            : " (--http-behind-proxy instead where a proxy in front does TLS)"));
        }
    }

    private Stream<String> missing() {
        return Stream.concat(
                tokens.isPresent() ? Stream.of() : Stream.of("--http-tokens FILE"),
                tls.isPresent() || proxied ? Stream.of() : Stream.of("--http-cert FILE --http-key FILE"));
    }

    /** Whether all addresses of that name are; one that is unknown is not. */
    static boolean isLoopback(String host) {
        try {
            return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
