package io.aliquot.schema.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TokenFileTest {
    private static final String HASH = Token.hash("one");
    private static final String OTHER = Token.hash("other");

    private static String wrong(String text) {
        HttpConfigException e = catchThrowableOfType(HttpConfigException.class, () -> TokenFile.parse(text, "FILE"));
        assertThat(e.fix()).isNotBlank();
        return e.problem();
    }

    @Test
    void aTokenIsKnownByItsHash() throws Exception {
        TokenFile file = TokenFile.parse("""
                # who may what
                ops operator sha256:%s

                  lab-lead\ttenant   lab,shop/web sha256:%s
                """.formatted(HASH, OTHER.toUpperCase(java.util.Locale.ROOT)), "FILE");

        assertThat(file.caller("one").orElseThrow().toString()).isEqualTo("'ops' (operator)");
        assertThat(file.caller("other").orElseThrow().toString()).isEqualTo("'lab-lead' (tenant of lab, shop/web)");
        assertThat(file.caller("")).isEmpty();
        assertThat(file.caller(HASH)).isEmpty();
        assertThat(file.toString()).isEqualTo("2 tokens");
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Caller caller = new Caller("ci", TokenRole.TENANT, new TreeSet<>(List.of("b/c", "a")));
        String token = Token.random();
        String line = new TokenFile.Entry(caller, Token.hash(token)).line();

        assertThat(TokenFile.parse(line, "FILE").caller(token)).contains(caller);
        assertThat(line).startsWith("ci tenant a,b/c sha256:").doesNotContain(token);
        assertThat(token).hasSize(51).isNotEqualTo(Token.random());
    }

    @Test
    void everyErrorNamesItsLine() {
        assertThat(wrong("")).isEqualTo("FILE has no token");
        assertThat(wrong("\n# no\nops operator")).startsWith("FILE line 3: 2 words, expected NAME ROLE sha256:HASH");
        assertThat(wrong("ops root sha256:" + HASH))
                .isEqualTo("FILE line 1: role 'root', expected viewer, tenant or operator");
        assertThat(wrong("ops operator sha256:123")).contains("line 1: the last word is not sha256: and 64 hex digits");
        assertThat(wrong("ops tenant sha256:" + HASH)).contains("line 1: role tenant without a tenant");
        assertThat(wrong("ops viewer lab sha256:" + HASH)).contains("line 1: role viewer with a tenant");
        assertThat(wrong("ops tenant lab,, sha256:" + HASH)).contains("line 1: tenant ''");
        assertThat(wrong("ops tenant /lab sha256:" + HASH)).contains("line 1: tenant '/lab'");
        assertThat(wrong("o,p operator sha256:" + HASH)).contains("line 1: name 'o,p'");
        assertThat(wrong("a viewer sha256:" + HASH + "\nb viewer sha256:" + HASH))
                .isEqualTo("FILE line 2: the token of line 1");
        assertThat(wrong("a viewer sha256:" + HASH + "\na operator sha256:" + OTHER))
                .isEqualTo("FILE line 2: 'a' (operator) is 'a' (viewer) above");
    }

    @Test
    void oneMayHaveTwoTokensWhileTheyAreChanged() throws Exception {
        TokenFile file = TokenFile.parse("a viewer sha256:" + HASH + "\na viewer sha256:" + OTHER, "FILE");
        assertThat(file.caller("one")).isPresent().isEqualTo(file.caller("other"));
    }

    @Test
    void aTokenInTheWrongPlaceIsNeverShown() {
        String token = Token.random();
        String hash = " sha256:" + HASH;
        for (String line : new String[] {
            token + " operator" + hash,
            "ops " + token + hash,
            "ops tenant " + token + hash,
            "ops operator " + token,
            token,
        }) {
            assertThat(wrong(line)).startsWith("FILE line 1: ").doesNotContain(token);
        }
    }
}
