package io.aliquot.schema.http;

import java.util.Optional;

/** Looks whether certificate and key were renewed while the program runs. Files that are no pair change nothing. Any thread. */
public final class TlsWatch {
    private final HttpTls tls;
    private String lastSeen;

    /** @param tls was read just now */
    public TlsWatch(HttpTls tls) {
        this.tls = tls;
        this.lastSeen = texts();
    }

    /** Looks again. Says something once for each change, of the files or of what is wrong with them. */
    public synchronized Optional<Change> refresh() {
        String seen = texts();
        if (seen.equals(lastSeen)) {
            return Optional.empty();
        }
        lastSeen = seen;
        try {
            HttpTls.open(tls.certificate(), tls.key());
            return Optional.of(new Change(true, "--http-cert " + tls.certificate() + " was renewed"));
        } catch (HttpConfigException e) {
            return Optional.of(
                    new Change(false, e.problem() + "; the certificate of before stays in force: " + e.fix()));
        }
    }

    /** What is in both, or what keeps it from being read. */
    private String texts() {
        try {
            return SecretFile.readAny("--http-cert", tls.certificate()) + SecretFile.read("--http-key", tls.key());
        } catch (HttpConfigException e) {
            return e.problem();
        }
    }
}
