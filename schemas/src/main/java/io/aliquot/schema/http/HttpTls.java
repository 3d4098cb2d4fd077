package io.aliquot.schema.http;

import java.nio.file.Path;

/**
 * The certificate and key with which an HTTP API answers, both PEM files.
 *
 * @param certificate its own, followed by those between it and the CA, if any
 * @param key PKCS #8, not encrypted
 */
public record HttpTls(Path certificate, Path key) {
    /** Looks at the files. @throws HttpConfigException when one can't be read, is something else, or others may read the key */
    public static HttpTls open(Path certificate, Path key) throws HttpConfigException {
        String chain = SecretFile.readAny("--http-cert", certificate);
        if (!chain.contains("-----BEGIN CERTIFICATE-----")) {
            throw new HttpConfigException(
                    "--http-cert " + certificate + " has no certificate",
                    "give a PEM file: -----BEGIN CERTIFICATE-----");
        }
        String secret = SecretFile.read("--http-key", key);
        if (secret.contains("ENCRYPTED")) {
            throw new HttpConfigException(
                    "--http-key " + key + " is encrypted", "decrypt it: `openssl pkey -in KEY -out PLAIN`, mode 600");
        }
        if (!secret.contains("PRIVATE KEY-----")) {
            throw new HttpConfigException(
                    "--http-key " + key + " has no private key", "give a PEM file: -----BEGIN PRIVATE KEY-----");
        }
        return new HttpTls(certificate, key);
    }
}
