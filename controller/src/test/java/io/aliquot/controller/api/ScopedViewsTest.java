package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.ClusterEvent.TelemetryReceived;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.ClusterView;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Planner;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.Scope;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ScopedViewsTest {
    private static final List<String> TENANTS = List.of(
            "lab",
            "lab/train",
            "lab/train/a",
            "lab/train/b",
            "lab/serve",
            "lab-2",
            "lab-2/x",
            "labtrain",
            "shop",
            "shop/web");

    @Provide
    Arbitrary<Set<String>> roots() {
        return Arbitraries.of(TENANTS).set().ofMinSize(1).ofMaxSize(2);
    }

    /** Who wants how much of each of two GPUs, permille. */
    @Provide
    Arbitrary<List<Integer>> demands() {
        return Arbitraries.of(0, 100, 500, 1000).list().ofSize(TENANTS.size());
    }

    private static boolean leaf(String tenant) {
        return TENANTS.stream().noneMatch(other -> other.startsWith(tenant + "/"));
    }

    private static ClusterView view(List<Integer> demands) {
        ClusterState state = ClusterState.EMPTY;
        List<NodeReport.Gpu> gpus = new ArrayList<>();
        List<NodeReport.Tenant> busy = new ArrayList<>();
        for (int i = 0; i < TENANTS.size(); i++) {
            String tenant = TENANTS.get(i);
            state = state.apply(new QuotaChanged(Quotas.quota(
                    tenant, new QuotaChange.Builder().weight(i + 1L).build(), 1, 0, "token:of-" + tenant)));
            if (leaf(tenant)) {
                int used = demands.get(i) / 4;
                busy.add(new NodeReport.Tenant(
                        tenant, 1, used * 100_000L, 0, Math.max(0, demands.get(i) - used), 0, 0, 0, 500, 1));
            }
        }
        gpus.add(new NodeReport.Gpu("GPU-1", "Simulated", true, 1000, 987654321, busy));
        gpus.add(new NodeReport.Gpu("GPU-2", "Simulated", true, 1000, 987654321, busy.subList(0, busy.size() / 2)));
        state = state.apply(new TelemetryReceived(
                List.of(
                        new NodeReport("n-1", 1, 0, 100_000, gpus, Map.of(), Optional.empty()),
                        new NodeReport(
                                "n-2",
                                1,
                                0,
                                100_000,
                                List.of(new NodeReport.Gpu("GPU-3", "Simulated", true, 1000, 987654321, List.of())),
                                Map.of(),
                                Optional.empty())),
                0));
        Division division = null;
        for (int i = 0; i < 8; i++) {
            division = Planner.divide(state, division, 0.1);
        }
        return new ClusterView(state, division, Map.of(), 0);
    }

    private static List<JsonObject> all(ClusterView view, Scope scope) {
        List<JsonObject> answers = new ArrayList<>();
        answers.add(Views.tenants(view, scope));
        answers.add(Views.allocations(view, 0, scope));
        answers.add(Views.cluster(view, scope));
        TENANTS.stream().filter(scope::sees).forEach(tenant -> answers.add(ExplanationView.of(view, tenant, scope)));
        return answers;
    }

    @Property(tries = 300)
    void nothingNamesATenantOutside(@ForAll("roots") Set<String> roots, @ForAll("demands") List<Integer> demands) {
        Scope scope = Scope.of(roots);
        // A root's own path names what it is in.
        Set<String> hidden = new TreeSet<>(TENANTS);
        hidden.removeIf(tenant -> scope.sees(tenant) || roots.stream().anyMatch(root -> root.startsWith(tenant + "/")));
        for (JsonObject answer : all(view(demands), scope)) {
            List<String> words = Arrays.stream(answer.encode().split("[^a-z0-9./-]+"))
                    .map(word -> word.replaceAll("^[./-]+|[./-]+$", ""))
                    .toList();
            assertThat(words).doesNotContainAnyElementsOf(hidden);
            assertThat(words)
                    .doesNotContainAnyElementsOf(
                            hidden.stream().map(t -> "of-" + t).toList());
            assertThat(answer.encode()).doesNotContain("987654321");
        }
    }

    @Property(tries = 100)
    void whatItSeesIsWhatAnOperatorSees(@ForAll("roots") Set<String> roots, @ForAll("demands") List<Integer> demands) {
        ClusterView view = view(demands);
        Scope scope = Scope.of(roots);
        List<Object> whole = Views.tenants(view, Scope.ALL).getJsonArray("tenants").stream()
                .filter(row -> scope.sees(((JsonObject) row).getString("tenant")))
                .toList();
        assertThat(Views.tenants(view, scope).getJsonArray("tenants").stream().toList())
                .isEqualTo(whole);
        for (String tenant : TENANTS.stream().filter(scope::sees).toList()) {
            JsonObject its = ExplanationView.of(view, tenant, scope);
            JsonObject operators = ExplanationView.of(view, tenant, Scope.ALL);
            for (String figure : List.of("entitledGpus", "sharedGpus", "usedGpus")) {
                assertThat(its.getDouble(figure)).isEqualTo(operators.getDouble(figure));
            }
            assertThat(flow(its, "borrowsFrom")).isCloseTo(flow(operators, "borrowsFrom"), within());
            assertThat(flow(its, "lendsTo")).isCloseTo(flow(operators, "lendsTo"), within());
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-5);
    }

    private static double flow(JsonObject explanation, String which) {
        return explanation.getJsonArray("levels").getJsonObject(0).getJsonArray(which).stream()
                .mapToDouble(flow -> ((JsonObject) flow).getDouble("gpus"))
                .sum();
    }

    @Test
    void aNeighbourHasNoName() {
        List<Integer> allBusy = Collections.nCopies(TENANTS.size(), 1000);
        JsonObject answer = ExplanationView.of(view(allBusy), "shop", Scope.of(List.of("shop")));
        assertThat(answer.getJsonArray("words").encode()).contains("It lends 0.12 GPUs to other tenants.");
        assertThat(ExplanationView.of(view(allBusy), "shop/web", Scope.of(List.of("shop")))
                        .getJsonArray("levels"))
                .hasSize(2);
        assertThat(ExplanationView.of(view(allBusy), "shop/web", Scope.of(List.of("shop/web")))
                        .getJsonArray("levels"))
                .hasSize(1);
    }
}
