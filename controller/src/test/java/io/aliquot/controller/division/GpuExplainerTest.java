package io.aliquot.controller.division;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuExplainerTest {
    private static Gpu gpu(String uuid, Gpu.Work... work) {
        return new Gpu("n", uuid, Map.of("model", uuid), Arrays.asList(work));
    }

    private static Gpu.Work work(String tenant, double demand) {
        return new Gpu.Work(tenant, demand, demand / 2);
    }

    private static Division settled(GpuPolicy policy, Gpu... gpus) {
        Division division = null;
        for (int i = 0; i < 8; i++) {
            division = Divider.next(division, policy, List.of(gpus), 0.1);
        }
        return division;
    }

    private static GpuPolicy flat(TenantPolicy... tenants) {
        return GpuPolicy.of(PolicyTree.of(Arrays.asList(tenants)));
    }

    private static GpuBinding binding(Division division, String tenant, String gpu) {
        return division.explain(tenant).gpus().stream()
                .filter(g -> g.gpu().equals(gpu))
                .findFirst()
                .orElseThrow()
                .binding();
    }

    @Test
    void whatOneLeavesAnotherBorrows() {
        Division division = settled(
                flat(TenantPolicy.of("a").withFloor(new Amount.Percent(40)), TenantPolicy.of("b")),
                gpu("g", work("a", 0.2), work("b", 1)));
        TenantExplanation a = division.explain("a");
        GpuExplanation.Flow lent = a.gpus().getFirst().lendsTo().getFirst();
        assertThat(lent.tenant()).isEqualTo("b");
        assertThat(lent.part()).isCloseTo(0.3, within(1e-3));
        assertThat(a.atOnceGpus()).isCloseTo(0.4, within(1e-3));
        assertThat(binding(division, "a", "g")).isEqualTo(GpuBinding.DEMAND);
        assertThat(division.explain("b").gpus().getFirst().borrowsFrom())
                .singleElement()
                .extracting(GpuExplanation.Flow::tenant)
                .isEqualTo("a");
        assertThat(binding(division, "b", "g")).isEqualTo(GpuBinding.OTHERS);
        assertThat(TenantWords.say(a))
                .contains(
                        "On GPU g of n it gets 20 % (guaranteed 50 %, wants 20 %): all that it wants. It lends 30 % to"
                                + " b.")
                .last()
                .asString()
                .startsWith("Whoever else is at work, 0.4 GPUs of its floors are its own within a turn");
    }

    @Test
    void saysWhatBindsOnEachGpu() {
        GpuPolicy gang = new GpuPolicy(
                PolicyTree.of(List.of(TenantPolicy.of("a"), TenantPolicy.of("b"))), Set.of("a"), Map.of(), Map.of());
        Division division = settled(gang, gpu("1", work("a", 1)), gpu("2", work("a", 1), work("b", 1)));
        assertThat(binding(division, "a", "1")).isEqualTo(GpuBinding.GANG);
        assertThat(binding(division, "a", "2")).isEqualTo(GpuBinding.OTHERS);
        GpuPolicy ceiling = flat(TenantPolicy.of("a").withHardCeiling(new Amount.Percent(30)));
        assertThat(binding(settled(ceiling, gpu("1", work("a", 1))), "a", "1")).isEqualTo(GpuBinding.CEILING);
        GpuPolicy part = new GpuPolicy(
                PolicyTree.of(List.of(TenantPolicy.of("a"), TenantPolicy.of("b"))),
                Set.of(),
                Map.of("a", Map.of("model", "9")),
                Map.of());
        assertThat(binding(settled(part, gpu("1", work("a", 1), work("b", 0.5))), "a", "1"))
                .isEqualTo(GpuBinding.LEFTOVER);
    }

    @Test
    void aParentsGpusAreThoseOfItsTenants() {
        Division division = settled(
                flat(TenantPolicy.of("x"), TenantPolicy.of("x/a"), TenantPolicy.of("y")),
                gpu("1", work("x/a", 1)),
                gpu("2", work("y", 1)));
        TenantExplanation x = division.explain("x");
        assertThat(x.gpus()).singleElement().extracting(GpuExplanation::gpu).isEqualTo("1");
        assertThat(x.sharedGpus()).isCloseTo(1, within(1e-3));
        assertThat(TenantWords.say(x)).anyMatch(line -> line.startsWith("On GPU 1 of n x/a gets 100 %"));
    }

    @Test
    void aTenantWithNoProgramHasNoGpu() {
        Division division = settled(flat(TenantPolicy.of("a"), TenantPolicy.of("b")), gpu("1", work("b", 1)));
        assertThat(TenantWords.say(division.explain("a"))).last().isEqualTo("It has no program on any GPU now.");
        assertThatThrownBy(() -> division.explain("c")).hasMessageContaining("tenant 'c' is unknown");
    }
}
