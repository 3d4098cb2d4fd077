package io.aliquot.schema.http;

import java.util.Arrays;
import java.util.Optional;

/** What the bearer of a token may do. */
public enum TokenRole {
    /** Read everything. */
    VIEWER("viewer"),
    /** Read what concerns some subtrees of tenants, and say how what they have is divided within. */
    TENANT("tenant"),
    /** Everything. */
    OPERATOR("operator");

    /** The words, for people. */
    public static final String WORDS = "viewer, tenant or operator";

    private final String word;

    TokenRole(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** The role with that word. */
    public static Optional<TokenRole> ofWord(String word) {
        return Arrays.stream(values()).filter(role -> role.word.equals(word)).findFirst();
    }
}
