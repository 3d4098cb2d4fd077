package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.http.Caller;
import io.aliquot.schema.http.TokenRole;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AskerTest {
    private static final List<String> FIELDS = List.of(
            "\"weight\":2",
            "\"floorPermille\":100",
            "\"floorGpus\":1",
            "\"ceilingPermille\":500",
            "\"ceilingGpus\":2",
            "\"hardCeiling\":true",
            "\"serviceClass\":\"latency-critical\"",
            "\"memoryLimitBytes\":0",
            "\"historyHalfLifeSeconds\":60",
            "\"burstCreditGpuSeconds\":60",
            "\"gang\":true",
            "\"gpus\":{}");

    /** Those that move what one parent has among what is in it, and nothing else. */
    private static final Set<Integer> DIVIDES = Set.of(0, 1, 3, 4, 5, 8, 9);

    private static Asker asker(TokenRole role, String... tenants) {
        return Asker.of(new Caller("ci", role, new TreeSet<>(List.of(tenants))));
    }

    private static QuotaRequest change(String tenant, String fields) {
        return QuotaBody.parse(tenant, "x", "{" + fields + "}");
    }

    private static ApiError refused(Runnable check) {
        ApiError error = catchThrowableOfType(ApiError.class, check::run);
        assertThat(error.status()).isEqualTo(403);
        assertThat(error.error()).contains("'ci'");
        return error;
    }

    private static boolean allowed(Runnable check) {
        try {
            check.run();
            return true;
        } catch (ApiError e) {
            assertThat(e.status()).isEqualTo(403);
            return false;
        }
    }

    @Provide
    Arbitrary<String> path() {
        return Arbitraries.of("a", "b", "ab", "a-b", "a.b")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(p -> String.join("/", p));
    }

    @Provide
    Arbitrary<String> fields() {
        return Arbitraries.of(FIELDS).set().ofMinSize(1).map(all -> String.join(",", all));
    }

    @Property
    void aTenantReadsItsSubtreesAndNothingElse(@ForAll("path") String root, @ForAll("path") String tenant) {
        boolean its = List.of(tenant.split("/"))
                .subList(0, Math.min(tenant.split("/").length, root.split("/").length))
                .equals(List.of(root.split("/")));
        assertThat(allowed(() -> asker(TokenRole.TENANT, root).maySee(tenant))).isEqualTo(its);
        assertThat(allowed(() -> asker(TokenRole.VIEWER).maySee(tenant))).isTrue();
    }

    @Property
    void aTenantDividesWhatIsInItAndNothingElse(
            @ForAll("path") String root,
            @ForAll("path") String tenant,
            @ForAll("fields") String fields,
            @ForAll boolean exists) {
        boolean divides =
                FIELDS.stream().filter(fields::contains).allMatch(field -> DIVIDES.contains(FIELDS.indexOf(field)));
        boolean in = tenant.startsWith(root + "/");
        QuotaRequest request = change(tenant, fields);

        assertThat(allowed(() -> asker(TokenRole.TENANT, root).mayAsk(request, exists)))
                .isEqualTo(in && exists && divides);
        assertThat(allowed(() -> asker(TokenRole.TENANT, root).mayAsk(QuotaRequest.removal(tenant, "x", ""), exists)))
                .isFalse();
        assertThat(allowed(() -> asker(TokenRole.VIEWER).mayAsk(request, exists)))
                .isFalse();
        assertThat(allowed(() -> asker(TokenRole.OPERATOR).mayAsk(request, exists)))
                .isTrue();
    }

    @Property
    void moreTokensPathsNeverAllowLess(
            @ForAll("path") String root, @ForAll("path") String more, @ForAll("path") String tenant) {
        if (allowed(() -> asker(TokenRole.TENANT, root).mayDivide(tenant))) {
            assertThatCode(() -> asker(TokenRole.TENANT, root, more).mayDivide(tenant))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theClusterAndWhatIfAreTheOperators() {
        for (Asker asker : List.of(asker(TokenRole.VIEWER), asker(TokenRole.TENANT, "a"))) {
            assertThat(refused(() -> asker.mayOperate("what-if")).error()).startsWith("what-if needs role operator");
            refused(() -> asker.mayAsk(QuotaBody.parseCluster("x", "{\"gpuSpeed\":{}}"), true));
        }
        asker(TokenRole.OPERATOR).mayOperate("what-if");
        refused(() -> asker(TokenRole.TENANT, "a").maySeeAll("/metrics"));
        asker(TokenRole.VIEWER).maySeeAll("/metrics");
    }

    @Test
    void aRefusalSaysWhichRoleItNeedsAndWhoAsked() {
        Asker lead = asker(TokenRole.TENANT, "lab");
        assertThat(refused(() -> lead.mayDivide("shop")).error())
                .isEqualTo(
                        "tenant 'shop' needs role operator, or tenant of what it is in; this is token 'ci' (tenant of"
                                + " lab)");
        assertThat(refused(() -> lead.mayDivide("lab")).error())
                .isEqualTo("what 'lab' has itself needs role operator; this is token 'ci' (tenant of lab)");
        assertThat(refused(() -> lead.mayAsk(change("lab/a", "\"floorGpus\":1,\"gpus\":{}"), true))
                        .error())
                .startsWith("floorGpus, gpus needs role operator, for it acts beyond lab; this is token 'ci'");
        assertThat(refused(() -> lead.mayAsk(change("lab/a", "\"weight\":1"), false))
                        .error())
                .startsWith("to make tenant 'lab/a' needs role operator");
        assertThat(lead.requestedBy()).isEqualTo("token:ci");
        assertThat(Asker.local("127.0.0.1").requestedBy()).isEqualTo("http:127.0.0.1");
    }
}
