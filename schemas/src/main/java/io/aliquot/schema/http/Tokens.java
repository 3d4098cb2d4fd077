package io.aliquot.schema.http;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The file of tokens as it is in force. A file that turns wrong while the program runs changes nothing. Any thread. */
public final class Tokens {
    /** What names the file in messages. */
    public static final String OPTION = "--http-tokens";

    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([\\x21-\\x7e]{1,512}) *");

    private final Path file;
    private volatile TokenFile inForce;
    private String lastSeen;

    /** What {@link #judge} says. */
    public sealed interface Verdict {}

    /** The token is in the file. */
    public record Known(Caller caller) implements Verdict {}

    /**
     * HTTP status 401.
     *
     * @param challenge the header WWW-Authenticate
     */
    public record Refused(String error, String fix, String challenge) implements Verdict {}

    private Tokens(Path file, TokenFile inForce, String text) {
        this.file = file;
        this.inForce = inForce;
        this.lastSeen = text;
    }

    /** Reads the file. @throws HttpConfigException when it can't be used */
    public static Tokens open(Path file) throws HttpConfigException {
        String text = SecretFile.read(OPTION, file);
        return new Tokens(file, TokenFile.parse(text, OPTION + " " + file), text);
    }

    /** Who sends a request, by its header Authorization. */
    public Verdict judge(@Nullable String authorization) {
        if (authorization == null) {
            return new Refused(
                    "this needs a token, and none was sent",
                    "send the header 'Authorization: Bearer TOKEN'; aliquot's commands take --token-file FILE",
                    "Bearer realm=\"aliquot\"");
        }
        Matcher bearer = BEARER.matcher(authorization);
        return (bearer.matches() ? inForce.caller(bearer.group(1)) : Optional.<Caller>empty())
                .<Verdict>map(Known::new)
                .orElseGet(() -> new Refused(
                        "the token that was sent is not known here",
                        "check that it is whole; else ask for a new one: `aliquot token new` makes it",
                        "Bearer realm=\"aliquot\", error=\"invalid_token\""));
    }

    /** Reads the file again. Says something once for each change, of the file or of what is wrong with it. */
    public synchronized Optional<Change> refresh() {
        String seen;
        Change change;
        try {
            String text = SecretFile.read(OPTION, file);
            seen = text;
            if (seen.equals(lastSeen)) {
                return Optional.empty();
            }
            inForce = TokenFile.parse(text, OPTION + " " + file);
            change = new Change(true, OPTION + " " + file + " changed: " + inForce + " in force");
        } catch (HttpConfigException e) {
            seen = e.problem();
            if (seen.equals(lastSeen)) {
                return Optional.empty();
            }
            change = new Change(
                    false, e.problem() + "; the tokens of before stay in force, also what was taken out: " + e.fix());
        }
        lastSeen = seen;
        return Optional.of(change);
    }

    /** The file and how many tokens there are. */
    @Override
    public String toString() {
        return file + ": " + inForce;
    }
}
