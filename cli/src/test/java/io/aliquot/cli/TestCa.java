package io.aliquot.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of elliptic curves, whose certificates are good for a day. Writes DER by hand: the JDK has no public API. */
final class TestCa {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int OCTETS = 0x04;
    private static final byte[] TRUE = der(0x01, new byte[] {-1});
    private static final byte[] ECDSA_WITH_SHA256 = der(SEQUENCE, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    private static final byte[] COMMON_NAME = oid(0x55, 0x04, 0x03);
    private static final byte[] ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);
    private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);

    private final Path dir;
    private final String name;
    private final KeyPair keys = keys();

    /** @param dir gets all files */
    TestCa(Path dir, String name) {
        this.dir = dir;
        this.name = name;
    }

    /** Its own certificate. */
    Path certificate() throws Exception {
        byte[] isCa = der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(OCTETS, der(SEQUENCE, TRUE)));
        return pem(name + ".pem", "CERTIFICATE", signed(name, keys, isCa));
    }

    /** A server on 127.0.0.1: {@code NAME.pem}, and beside it {@code NAME.key} that only the owner can read. */
    Path server(String server) throws Exception {
        KeyPair its = keys();
        byte[] address = der(0x87, new byte[] {127, 0, 0, 1});
        byte[] names = der(SEQUENCE, ALTERNATIVE_NAME, der(OCTETS, der(SEQUENCE, address)));
        Path key = pem(server + ".key", "PRIVATE KEY", its.getPrivate().getEncoded());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return pem(server + ".pem", "CERTIFICATE", signed(server, its, names));
    }

    /** For a client that trusts this CA alone. */
    static SSLContext trusting(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private byte[] signed(String subject, KeyPair its, byte[] extension) throws GeneralSecurityException {
        byte[] version = der(0xa0, der(0x02, new byte[] {2}));
        byte[] serial = der(0x02, Long.toString(System.nanoTime()).getBytes(StandardCharsets.US_ASCII));
        byte[] validity = der(SEQUENCE, time(-1), time(24));
        byte[] content = der(
                SEQUENCE,
                version,
                serial,
                ECDSA_WITH_SHA256,
                commonName(name),
                validity,
                commonName(subject),
                its.getPublic().getEncoded(),
                der(0xa3, der(SEQUENCE, extension)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(content);
        return der(SEQUENCE, content, ECDSA_WITH_SHA256, der(0x03, new byte[1], signature.sign()));
    }

    private static byte[] commonName(String name) {
        return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, name.getBytes(StandardCharsets.UTF_8)))));
    }

    private static byte[] time(int hours) {
        return der(
                0x17,
                DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now().plusSeconds(hours * 3600L))
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] oid(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return der(0x06, content);
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.size() < 0x80) {
            out.write(content.size());
        } else if (content.size() < 0x100) {
            out.write(0x81);
            out.write(content.size());
        } else {
            out.write(0x82);
            out.write(content.size() >> 8);
            out.write(content.size());
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Path pem(String file, String what, byte[] der) throws IOException {
        return Files.writeString(
                dir.resolve(file),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                        + "-----\n");
    }
}
