package io.aliquot.schema.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * The certificate and key with which an HTTP API answers, both PEM files.
 *
 * @param certificate its own, followed by those between it and the CA, if any
 * @param key PKCS #8, not encrypted
 */
public record HttpTls(Path certificate, Path key) {
    private static final String PKCS8 = "-----BEGIN PRIVATE KEY-----";
    private static final String CONVERT = "`openssl pkey -in KEY -out PLAIN`, mode 600";

    /**
     * Looks at the files.
     *
     * @throws HttpConfigException when one can't be read or is something else, they are no pair, or others may read the key
     */
    public static HttpTls open(Path certificate, Path key) throws HttpConfigException {
        String chain = SecretFile.readAny("--http-cert", certificate);
        if (!chain.contains("-----BEGIN CERTIFICATE-----")) {
            throw new HttpConfigException(
                    "--http-cert " + certificate + " has no certificate",
                    "give a PEM file: -----BEGIN CERTIFICATE-----");
        }
        String secret = SecretFile.read("--http-key", key);
        if (secret.contains("ENCRYPTED")) {
            throw new HttpConfigException("--http-key " + key + " is encrypted", "decrypt it: " + CONVERT);
        }
        if (!secret.contains(PKCS8)) {
            boolean older = secret.contains("PRIVATE KEY-----");
            throw new HttpConfigException(
                    "--http-key " + key + (older ? " is no PKCS #8" : " has no private key"),
                    older ? "convert it: " + CONVERT : "give a PEM file: " + PKCS8);
        }
        check(certificate, chain, key, secret);
        return new HttpTls(certificate, key);
    }

    private static void check(Path certificate, String chain, Path key, String secret) throws HttpConfigException {
        PublicKey shown;
        try (InputStream pem = new ByteArrayInputStream(chain.getBytes(StandardCharsets.UTF_8))) {
            shown = CertificateFactory.getInstance("X.509")
                    .generateCertificate(pem)
                    .getPublicKey();
        } catch (CertificateException | IOException e) {
            throw new HttpConfigException(
                    "--http-cert " + certificate + " is no certificate: " + e.getMessage(), "give a PEM file");
        }
        try {
            if (!belongs(shown, secret)) {
                throw new HttpConfigException(
                        "--http-key " + key + " is not the key of the first certificate in " + certificate,
                        "give both of one pair, with the program's own certificate first");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) { // the message could hold a part of the key
            throw new HttpConfigException(
                    "--http-key " + key + " is no " + shown.getAlgorithm() + " key, as --http-cert has",
                    "give the certificate's key");
        }
    }

    /** Whether what the one signs the other takes. */
    private static boolean belongs(PublicKey shown, String secret) throws GeneralSecurityException {
        String base64 = secret.substring(secret.indexOf(PKCS8) + PKCS8.length()).replaceFirst("(?s)-----END.*", "");
        PrivateKey key = KeyFactory.getInstance(shown.getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        String scheme = switch (shown.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> shown.getAlgorithm();
        };
        Signature signature = Signature.getInstance(scheme);
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature.initVerify(shown);
        return signature.verify(signed);
    }
}
