package io.aliquot.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.division.Division;
import io.aliquot.controller.state.ClusterEvent.QuotaChanged;
import io.aliquot.controller.state.ClusterEvent.TelemetryReceived;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Planner;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.http.Caller;
import io.aliquot.schema.http.TokenRole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Nothing that a tenant's token may set takes anything from those outside, when everybody wants everything. */
class DividesWithinTest {
    private static final Asker LAB = Asker.of(new Caller("lead", TokenRole.TENANT, new TreeSet<>(List.of("lab"))));
    private static final List<String> INSIDE = List.of("lab/train", "lab/train/a", "lab/train/b", "lab/serve");
    private static final List<String> OUTSIDE = List.of("shop", "shop/web", "solo");
    private static final List<String> BUSY = List.of("lab/train/a", "lab/train/b", "lab/serve", "shop/web", "solo");
    private static final int TICKS = 20;

    private record Wish(String tenant, String fields) {}

    @Provide
    Arbitrary<List<Wish>> wishes() {
        Arbitrary<String> field = Arbitraries.of(
                "\"weight\":1000000",
                "\"weight\":7",
                "\"floorPermille\":1000",
                "\"floorPermille\":500",
                "\"ceilingPermille\":10",
                "\"ceilingPermille\":1000",
                "\"ceilingGpus\":1000000",
                "\"ceilingGpus\":0.5",
                "\"hardCeiling\":true",
                "\"historyHalfLifeSeconds\":10",
                "\"burstCreditGpuSeconds\":1000000000");
        return Combinators.combine(Arbitraries.of(INSIDE), field)
                .as(Wish::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    private static ClusterState start() {
        ClusterState state = ClusterState.EMPTY;
        for (String tenant :
                List.of("lab", "shop", "solo", "lab/train", "lab/train/a", "lab/train/b", "lab/serve", "shop/web")) {
            QuotaChange said = switch (tenant) {
                case "lab" ->
                    new QuotaChange.Builder().weight(2L).floorPermille(300L).build();
                case "shop" -> new QuotaChange.Builder().floorMilligpus(500L).build();
                case "solo" ->
                    new QuotaChange.Builder().burstCreditGpuSeconds(60L).build();
                default -> QuotaChange.NONE;
            };
            state = state.apply(new QuotaChanged(Quotas.quota(tenant, said)));
        }
        List<NodeReport.Tenant> busy = BUSY.stream()
                .map(tenant -> new NodeReport.Tenant(tenant, 1, 20_000_000, 0, 800, 0, 0, 0, 500, 1))
                .toList();
        List<NodeReport.Gpu> gpus = List.of(
                new NodeReport.Gpu("GPU-1", "Simulated", true, 1, 0, busy),
                new NodeReport.Gpu("GPU-2", "Simulated", true, 1, 0, busy));
        return state.apply(new TelemetryReceived(
                List.of(new NodeReport("n", 1, 0, 100_000, gpus, Map.of(), Optional.empty())), 0));
    }

    private static ClusterState asked(ClusterState state, Wish wish) {
        QuotaRequest request = QuotaBody.parse(wish.tenant, LAB.requestedBy(), "{" + wish.fields + "}");
        LAB.mayAsk(request, true);
        return QuotaPolicy.validate(request.identified("id", 0), state, 0) instanceof Ruling.Accepted(var quota)
                ? state.apply(new QuotaChanged(quota))
                : state;
    }

    private static Division divided(ClusterState state) {
        Division division = null;
        for (int i = 0; i < TICKS; i++) {
            division = Planner.divide(state, division, 1);
        }
        return division;
    }

    private static double entitled(Division division, String tenant) {
        return division.explain(tenant).entitlement().tenant().entitledGpus();
    }

    @Property(tries = 200)
    void thoseOutsideHaveAtLeastWhatTheyHad(@ForAll("wishes") List<Wish> wishes) {
        ClusterState after = start();
        for (Wish wish : wishes) {
            after = asked(after, wish);
        }
        Division before = divided(start());
        Division now = divided(after);
        for (String tenant : OUTSIDE) {
            assertThat(entitled(now, tenant)).as(tenant).isGreaterThanOrEqualTo(entitled(before, tenant) - 1e-6);
        }
    }

    @Test
    void aFloorInGpusWould() {
        ClusterState state = start();
        QuotaRequest request = QuotaBody.parse("lab/train/a", "", "{\"floorGpus\":2}");
        if (QuotaPolicy.validate(request.identified("id", 0), withoutFloor(state), 0)
                instanceof Ruling.Accepted(var quota)) {
            Division taken = divided(withoutFloor(state).apply(new QuotaChanged(quota)));
            assertThat(entitled(taken, "solo")).isLessThan(entitled(divided(withoutFloor(state)), "solo") - 0.1);
        } else {
            throw new AssertionError("refused");
        }
    }

    private static ClusterState withoutFloor(ClusterState state) {
        return state.apply(new QuotaChanged(Quotas.quota("lab", QuotaChange.NONE)));
    }
}
