package io.aliquot.controller.account;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a report has a row for. */
public enum By {
    TENANT,
    /** What a tenant's path names before its last part; a tenant at the top is its own team. */
    TEAM,
    /** A GPU of a node. */
    GPU,
    HOUR;

    /** The words, for people. */
    public static final String WORDS = "tenant, team, gpu or hour";

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The choice with that word. */
    public static Optional<By> ofWord(String word) {
        return Arrays.stream(values()).filter(by -> by.word().equals(word)).findFirst();
    }

    static String team(String tenant) {
        int slash = tenant.lastIndexOf('/');
        return slash <= 0 ? tenant : tenant.substring(0, slash);
    }
}
