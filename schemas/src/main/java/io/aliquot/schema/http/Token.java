package io.aliquot.schema.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A bearer token: 256 random bits. The file of tokens has its SHA-256 alone; so many random bits need neither salt nor many
 * rounds.
 */
public final class Token {
    private static final String MARK = "aliquot_";
    private static final int BYTES = 32;

    private Token() {}

    /** A new one, 51 characters; nothing keeps it. */
    public static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Its hash as the file of tokens has it, 64 hex digits. */
    public static String hash(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    static boolean looksLikeOne(String word) {
        return word.startsWith(MARK);
    }
}
