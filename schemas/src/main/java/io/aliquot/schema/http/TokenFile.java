package io.aliquot.schema.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The tokens that an HTTP API knows. A line of the file is {@code NAME ROLE sha256:HASH}, for the role tenant {@code NAME tenant
 * PATH[,PATH…] sha256:HASH}; an empty line, or what follows {@code #} at the beginning of one, is not looked at. Immutable.
 */
public record TokenFile(List<Entry> entries) {
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-fA-F]{64}");
    private static final String PREFIX = "sha256:";
    private static final String WRITE = "let `aliquot token new` write the line";

    /**
     * One token.
     *
     * @param hash SHA-256 of it, 64 lower-case hex digits
     */
    public record Entry(Caller caller, String hash) {
        /** The line of the file. */
        public String line() {
            String tenants = caller.tenants().isEmpty() ? "" : " " + String.join(",", caller.tenants());
            return caller.name() + " " + caller.role().word() + tenants + " " + PREFIX + hash;
        }
    }

    public TokenFile {
        entries = List.copyOf(entries);
    }

    /**
     * Reads the text of a file.
     *
     * @param where named in the message
     * @throws HttpConfigException with the number of the line, and never a token
     */
    public static TokenFile parse(String text, String where) throws HttpConfigException {
        List<Entry> entries = new ArrayList<>();
        Map<String, Integer> lineOfHash = new HashMap<>();
        Map<String, Caller> callers = new HashMap<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String here = where + " line " + number + ": ";
            Entry entry = entry(line, here);
            Integer before = lineOfHash.putIfAbsent(entry.hash, number);
            if (before != null) {
                throw new HttpConfigException(here + "the token of line " + before, "take one of the lines out");
            }
            Caller same = callers.putIfAbsent(entry.caller.name(), entry.caller);
            if (same != null && !same.equals(entry.caller)) {
                throw new HttpConfigException(
                        here + entry.caller + " is " + same + " above", "give it the same role, or another name");
            }
            entries.add(entry);
        }
        if (entries.isEmpty()) {
            throw new HttpConfigException(
                    where + " has no token", "make one with `aliquot token new --name ops --role operator`");
        }
        return new TokenFile(entries);
    }

    private static Entry entry(String line, String here) throws HttpConfigException {
        List<String> words = List.of(line.split("\\s+"));
        if (words.size() < 3 || words.size() > 4) {
            throw new HttpConfigException(
                    here + words.size() + (words.size() == 1 ? " word" : " words")
                            + ", expected NAME ROLE sha256:HASH, or NAME tenant PATH[,PATH…] sha256:HASH",
                    WRITE);
        }
        TokenRole role = TokenRole.ofWord(words.get(1)).orElse(null);
        if (role == null) {
            throw new HttpConfigException(
                    here + "role " + Caller.shown(words.get(1)) + ", expected " + TokenRole.WORDS, "correct the role");
        }
        SortedSet<String> tenants = words.size() == 3
                ? new TreeSet<>()
                : new TreeSet<>(List.of(words.get(2).split(",", -1)));
        Caller caller;
        try {
            caller = new Caller(words.getFirst(), role, tenants);
        } catch (IllegalArgumentException e) {
            throw new HttpConfigException(here + e.getMessage(), "correct the line");
        }
        String hash = words.getLast();
        if (!HASH.matcher(hash).matches()) {
            throw new HttpConfigException(
                    here + "the last word is not sha256: and 64 hex digits; the token itself does not belong here",
                    WRITE);
        }
        return new Entry(caller, hash.substring(PREFIX.length()).toLowerCase(Locale.ROOT));
    }

    /** Whose token it is. Takes the same time for every wrong one, however much of it is right. */
    public Optional<Caller> caller(String token) {
        byte[] presented = Token.hash(token).getBytes(StandardCharsets.US_ASCII);
        Caller found = null;
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(presented, entry.hash.getBytes(StandardCharsets.US_ASCII))) {
                found = entry.caller;
            }
        }
        return Optional.ofNullable(found);
    }

    /** How many tokens there are. */
    @Override
    public String toString() {
        return entries.size() + (entries.size() == 1 ? " token" : " tokens");
    }
}
