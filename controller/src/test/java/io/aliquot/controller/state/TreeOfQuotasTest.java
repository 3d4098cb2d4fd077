package io.aliquot.controller.state;

import static io.aliquot.controller.state.Quotas.quota;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.InvalidPolicyException;
import io.aliquot.controller.fairshare.TenantPolicy;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.QuotaChange.Builder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link QuotaPolicy} rules where tenants are in tenants, and of all that a quota can say beside percents. */
class TreeOfQuotasTest {
    private static final ClusterState ORG = ClusterState.EMPTY
            .apply(new QuotaChanged(quota("org", said().ceilingMilligpus(5000L).build())))
            .apply(new QuotaChanged(quota("org/a", said().floorMilligpus(3000L).build())));

    @Test
    void aTenantInATenantIsInTheTree() {
        ClusterState state = accepted("org/a/x", said().weight(3L), ORG);
        assertThat(state.tree().tenants().stream().map(TenantPolicy::path)).containsExactly("org", "org/a", "org/a/x");
        assertThat(state.tree().policy(state.tree().index("org/a")).floor()).isEqualTo(new Amount.Gpus(3));
    }

    @Test
    void whatIsNotSaidStaysAndPercentAndGpusReplaceEachOther() {
        QuotaChange whole = said().floorMilligpus(1500L)
                .ceilingMilligpus(2000L)
                .historyHalfLifeSeconds(3600L)
                .burstCreditGpuSeconds(7200L)
                .gang(true)
                .gpuLabels(Map.of("pool", "a"))
                .build();
        ClusterState state =
                accepted("a", new Builder(), ClusterState.EMPTY.apply(new QuotaChanged(quota("a", whole))));
        assertThat(state.quotas().get("a")).isEqualTo(quota("a", whole, 2, 0, "me"));

        ClusterState percent = accepted("a", said().floorPermille(100L).ceilingPermille(900L), state);
        assertThat(percent.quotas().get("a").policy().floor()).isEqualTo(new Amount.Percent(10));
        assertThat(percent.quotas().get("a").policy().ceiling()).isEqualTo(new Amount.Percent(90));
        assertThat(percent.quotas().get("a").gang()).isTrue();
        assertThat(accepted("a", said().floorMilligpus(1L), percent)
                        .quotas()
                        .get("a")
                        .policy()
                        .floor())
                .isEqualTo(new Amount.Gpus(0.001));
        assertThat(accepted("a", said().gpuLabels(Map.of()), percent)
                        .quotas()
                        .get("a")
                        .gpuLabels())
                .isEmpty();
    }

    @Test
    void noFloorIsOneWhicheverWayItIsSaid() {
        assertThat(quota("a", said().floorPermille(0L).build()))
                .isEqualTo(quota("a", said().floorMilligpus(0L).build()));
        assertThat(quota("a", QuotaChange.NONE).policy()).isEqualTo(TenantPolicy.of("a"));
    }

    @Test
    void refusesWhatBreaksTheTree() {
        assertThat(refused("team/x", said(), ORG))
                .isEqualTo("tenant 'team/x': parent 'team' is unknown: add it, or correct the path");
        assertThat(refused("org/b", said().floorMilligpus(2001L), ORG))
                .startsWith("tenant 'org/b': floor 2 GPUs")
                .contains(
                        "tenant 'org': ceiling 5 GPUs: its children's floors come to 5 GPUs: raise it, or lower theirs");
        ClusterState guaranteed = accepted("org", said().floorMilligpus(4000L), ORG);
        assertThat(refused("org", said().floorMilligpus(2000L), guaranteed))
                .isEqualTo(
                        "tenant 'org': floor 2 GPUs: its children's floors come to 3 GPUs: raise it, or lower theirs");
        assertThat(refused("org/b", said().floorMilligpus(1500L), guaranteed)).contains("tenant 'org': floor 4 GPUs");
        ClusterState half = accepted("org/b", said().floorPermille(500L), ORG);
        assertThat(refused("org/c", said().floorPermille(501L), half))
                .isEqualTo("tenant 'org/c': floor 50.1 %: the floors of the others in org come to 50 %,"
                        + " expected at most 50 %");
        assertThat(accepted("c", said().floorPermille(501L), half).quotas()).containsKey("c");
    }

    @Test
    void removesATenantOnlyWhenNothingIsInIt() {
        assertThat(refusal(QuotaRequest.removal("org", "me", ""), ORG))
                .isEqualTo("tenant 'org': it has 1 tenant in it, such as org/a: remove what is in it first");
        ClusterState bare = ORG.apply(new ClusterEvent.QuotaRemoved("org/a"));
        assertThat(ruling(QuotaRequest.removal("org", "me", ""), bare)).isEqualTo(new Ruling.Removed("org"));
        assertThatThrownBy(() -> ORG.apply(new ClusterEvent.QuotaRemoved("org")))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("parent 'org' is unknown");
    }

    @Test
    void refusesPathsThatANodeHasNoRoomFor() {
        String longest = "a".repeat(31) + "/" + "b".repeat(31);
        ClusterState state = accepted("a".repeat(31), said(), ClusterState.EMPTY);
        assertThat(accepted(longest, said(), state).quotas()).containsKey(longest);
        assertThat(refused(longest + "b", said(), state))
                .endsWith("path of 64 characters: expected 1 to 63 in all: a node has no room for more");
        assertThat(refused("a/".repeat(9_999) + "a", said(), state))
                .endsWith("10000 levels: expected at most 32")
                .hasSizeLessThan(200);
        assertThat(refused("a//b", said(), state)).contains("name ''");
        assertThat(refused("/a", said(), state)).contains("name ''");
        assertThat(refused("", said(), state)).startsWith("tenant '': no name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "floorMilligpus; 10000000001; floorMilligpus 10000000001: expected 0 to 10000000000 (1000 is one GPU)",
                "floorMilligpus; -1; floorMilligpus 18446744073709551615: expected 0 to",
                "ceilingMilligpus; 0; ceilingMilligpus 0: expected 1 to 10000000000",
                "historyHalfLifeSeconds; 7776001; historyHalfLifeSeconds 7776001: expected 0 to 7776000 (90 days), 0 for none",
                "burstCreditGpuSeconds; 1000000001; burstCreditGpuSeconds 1000000001: expected 0 to 1000000000",
                "burstCreditGpuSeconds; -9223372036854775808; burstCreditGpuSeconds 9223372036854775808: expected 0 to",
            })
    void refusesNumbersNamingTenantFieldValueAndRange(String field, long value, String reason) {
        Builder said = switch (field) {
            case "floorMilligpus" -> said().floorMilligpus(value);
            case "ceilingMilligpus" -> said().ceilingMilligpus(value);
            case "historyHalfLifeSeconds" -> said().historyHalfLifeSeconds(value);
            default -> said().burstCreditGpuSeconds(value);
        };
        assertThat(refused("org/a", said, ORG)).startsWith("tenant 'org/a': " + reason);
    }

    @Test
    void refusesPercentAndGpusTogether() {
        assertThat(refused("a", said().floorPermille(1L).floorMilligpus(0L), ORG))
                .isEqualTo(
                        "tenant 'a': floorPermille 1 and floorMilligpus 0: expected one of them: they replace each other");
        assertThat(refused("a", said().ceilingPermille(1L).ceilingMilligpus(2L), ORG))
                .startsWith("tenant 'a': ceilingPermille 1 and ceilingMilligpus 2");
        assertThat(refused("a", said().floorMilligpus(2000L).ceilingMilligpus(1000L), ORG))
                .isEqualTo("tenant 'a': floor 2 GPUs: expected at most its ceiling, which is 1 GPU");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a=b", "ä", "a\nb", "0123456789012345678901234567890123456789012345678901234567890123"})
    void refusesLabelsThatAreNone(String text) {
        assertThat(refused("a", said().gpuLabels(Map.of(text, "v")), ORG))
                .startsWith("tenant 'a': key '")
                .contains("of a GPU label: expected 1 to 63 of")
                .doesNotContain("\n");
        assertThat(refused("a", said().gpuLabels(Map.of("k", text)), ORG)).startsWith("tenant 'a': GPU label k '");
        assertThat(refused("/", speeds(Map.of(text + "=", 1L)), ORG)).startsWith("tenant '/': gpuSpeed '");
    }

    @Test
    void refusesTooManyLabelsAndFactors() {
        Map<String, String> labels = new HashMap<>();
        Map<String, Long> speeds = new HashMap<>();
        for (int i = 0; i < 65; i++) {
            if (i < 17) {
                labels.put("k" + i, "v");
            }
            speeds.put("k=" + i, 1L);
        }
        assertThat(refused("a", said().gpuLabels(labels), ORG))
                .isEqualTo("tenant 'a': 17 GPU labels: expected at most 16");
        assertThat(refused("/", speeds(speeds), ORG)).isEqualTo("tenant '/': 65 speed factors: expected at most 64");
        labels.remove("k0");
        speeds.remove("k=0");
        assertThat(accepted("a", said().gpuLabels(labels), ORG)
                        .quotas()
                        .get("a")
                        .gpuLabels())
                .hasSize(16);
        assertThat(accepted("/", speeds(speeds), ORG).quotas().get("/").gpuSpeedPermille())
                .hasSize(64);
    }

    @Test
    void theClusterHasSpeedFactorsAloneAndCanLoseThem() {
        ClusterState state = accepted("/", speeds(Map.of("model=NVIDIA A100", 400L)), ORG);
        assertThat(state.quotas().get("/").gpuSpeedPermille()).containsExactly(Map.entry("model=NVIDIA A100", 400));
        assertThat(state.tree()).isEqualTo(ORG.tree());
        assertThat(accepted("/", speeds(Map.of("pool=a", 2000L)), state)
                        .quotas()
                        .get("/")
                        .gpuSpeedPermille())
                .containsOnlyKeys("pool=a");
        assertThat(ruling(QuotaRequest.removal("/", "me", ""), state)).isEqualTo(new Ruling.Removed("/"));
        assertThat(refusal(QuotaRequest.removal("/", "me", ""), ORG)).startsWith("tenant '/': it has no speed factors");
        assertThat(refused("/", said().weight(2L).gang(true), state))
                .isEqualTo("tenant '/': weight, gang: expected gpuSpeeds alone: it is the cluster itself");
        assertThat(refused("org", speeds(Map.of("k=v", 1L)), state))
                .isEqualTo("tenant 'org': gpuSpeeds: set them for '/', the cluster itself");
        assertThat(refused("/", speeds(Map.of("k=v", 0L)), state))
                .isEqualTo("tenant '/': gpuSpeed 'k=v' 0 permille: expected 1 to 1000000 (1000 is speed factor 1)");
        assertThat(refused("/", speeds(Map.of("k=v", 4294967295L)), state))
                .contains("gpuSpeed 'k=v' 4294967295 permille");
    }

    @Test
    void onlyTenantsWithNoneInThemHaveAPart() {
        NodeReport report = new NodeReport(
                "n",
                1,
                0,
                1,
                List.of(new NodeReport.Gpu("g", "GPU", true, 1, 0, List.of())),
                Map.of(),
                Optional.empty());
        ClusterState state = accepted("/", speeds(Map.of("k=v", 1L)), ORG)
                .apply(new ClusterEvent.TelemetryReceived(List.of(report), 0));
        NodePlan plan = Planner.plan(state, Planner.divide(state, null, 0), NodeState.after(null, report, 0));
        assertThat(plan.gpus().getFirst().tenants().stream().map(share -> share.tenant()))
                .containsExactly("org/a");
    }

    /** Whatever is asked, a ruling comes, and what is accepted makes a state. */
    @Property
    void everyRequestIsRuled(@ForAll("requests") QuotaRequest request) {
        switch (QuotaPolicy.validate(request, ORG, 1)) {
            case Ruling.Accepted(Quota quota) ->
                assertThat(ORG.apply(new QuotaChanged(quota)).quotas()).containsKey(request.tenant());
            case Ruling.Removed(String tenant) ->
                assertThat(ORG.apply(new ClusterEvent.QuotaRemoved(tenant)).quotas())
                        .doesNotContainKey(tenant);
            case Ruling.Refused(String reason) ->
                assertThat(reason).isNotEmpty().hasSizeLessThan(2000);
        }
    }

    @Provide
    Arbitrary<QuotaRequest> requests() {
        return Arbitraries.randomValue(TreeOfQuotasTest::request);
    }

    private static QuotaRequest request(Random random) {
        long[] numbers = {0, 1, -1, 500, 1000, 1001, 3000, 6000, 10_000_000_000L, 1L << 40, 0xffff_ffffL, Long.MIN_VALUE
        };
        String[] texts = {"", "pool", "model=A", "a\u0000b", "\ud800", "x".repeat(5000)};
        String[] tenants = {"org", "org/a", "org/b", "org/a/b", "a", "/", "", "//", "no/x", "\n", "a/".repeat(5000)};
        Supplier<Long> number = () -> random.nextInt(3) > 0 ? null : numbers[random.nextInt(numbers.length)];
        Supplier<String> text = () -> texts[random.nextInt(texts.length)];
        boolean more = random.nextInt(4) == 0;
        QuotaChange change = new QuotaChange(
                number.get(),
                number.get(),
                more ? number.get() : null,
                number.get(),
                more ? number.get() : null,
                random.nextBoolean(),
                random.nextInt(4),
                number.get(),
                number.get(),
                number.get(),
                random.nextBoolean(),
                more ? new TreeMap<>(Map.of(text.get(), text.get())) : null,
                more ? new TreeMap<>(Map.of(text.get(), numbers[random.nextInt(numbers.length)])) : null);
        boolean nothing = random.nextInt(5) == 0;
        return new QuotaRequest(
                "id",
                tenants[random.nextInt(tenants.length)],
                "me",
                0,
                nothing ? QuotaChange.NONE : change,
                random.nextInt(4) == 0,
                "");
    }

    private static Builder said() {
        return new Builder();
    }

    private static Builder speeds(Map<String, Long> permille) {
        return new Builder().gpuSpeedPermille(permille);
    }

    private static Ruling ruling(QuotaRequest request, ClusterState state) {
        return QuotaPolicy.validate(request.identified("id", 0), state, 0);
    }

    private static ClusterState accepted(String tenant, Builder said, ClusterState state) {
        Ruling ruling = ruling(QuotaRequest.change(tenant, "me", said.build(), ""), state);
        assertThat(ruling).isInstanceOf(Ruling.Accepted.class);
        return state.apply(new QuotaChanged(((Ruling.Accepted) ruling).quota()));
    }

    private static String refused(String tenant, Builder said, ClusterState state) {
        return refusal(QuotaRequest.change(tenant, "me", said.build(), ""), state);
    }

    private static String refusal(QuotaRequest request, ClusterState state) {
        Ruling ruling = ruling(request, state);
        assertThat(ruling).isInstanceOf(Ruling.Refused.class);
        return ((Ruling.Refused) ruling).reason();
    }
}
