package io.aliquot.schema.http;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Who sends a request. Immutable.
 *
 * @param name for people and audits: 1 to 63 of A-Z, a-z, 0-9, '.', '_', '@' and '-'
 * @param tenants the roots of the subtrees that are its own: at least one for the role tenant, none for others; unmodifiable
 */
public record Caller(String name, TokenRole role, SortedSet<String> tenants) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");
    private static final String PART = "[a-z0-9]([a-z0-9._-]*[a-z0-9])?";
    private static final Pattern TENANT = Pattern.compile(PART + "(/" + PART + ")*");
    private static final int LONGEST_TENANT = 63;

    /** @throws IllegalArgumentException that says what is wrong and never has a token in it */
    public Caller {
        Objects.requireNonNull(role, "role");
        if (Token.looksLikeOne(name)) {
            throw new IllegalArgumentException(
                    "the name looks like a token, which may be known to others now: expected a"
                            + " name, and a new token");
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name " + shown(name)
                    + ": expected 1 to 63 of A-Z, a-z, 0-9, '.', '_', '@' and '-', beginning with a letter or digit");
        }
        tenants = Collections.unmodifiableSortedSet(new TreeSet<>(tenants));
        if (role == TokenRole.TENANT && tenants.isEmpty()) {
            throw new IllegalArgumentException("role tenant without a tenant: expected its path, such as org/team");
        }
        if (role != TokenRole.TENANT && !tenants.isEmpty()) {
            throw new IllegalArgumentException("role " + role.word() + " with a tenant: expected role tenant, or none");
        }
        for (String tenant : tenants) {
            if (tenant.length() > LONGEST_TENANT || !TENANT.matcher(tenant).matches()) {
                throw new IllegalArgumentException("tenant " + shown(tenant) + ": expected a path such as org/team");
            }
        }
    }

    /** Quoted; only its length where it may be a token in the wrong place. */
    static String shown(String word) {
        return word.length() > 24 ? "of " + word.length() + " characters" : "'" + word + "'";
    }

    /** For messages: the name with the role, and the tenants if it has some. */
    @Override
    public String toString() {
        return "'" + name + "' (" + role.word() + (tenants.isEmpty() ? "" : " of " + String.join(", ", tenants)) + ")";
    }
}
