package io.aliquot.controller.division;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.fairshare.PolicyTree;
import io.aliquot.controller.fairshare.TenantPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DividerTest {
    private static final double TICK = 0.1;

    private static Gpu gpu(String uuid, Gpu.Work... work) {
        return new Gpu("n", uuid, Map.of("model", uuid), Arrays.asList(work));
    }

    private static Gpu.Work busy(String tenant) {
        return new Gpu.Work(tenant, 1, 0.5);
    }

    private static Gpu.Work idle(String tenant) {
        return new Gpu.Work(tenant, 0.005, 0);
    }

    private static GpuPolicy flat(TenantPolicy... tenants) {
        return GpuPolicy.of(PolicyTree.of(Arrays.asList(tenants)));
    }

    private static TenantPolicy tenant(String path, double weight) {
        return TenantPolicy.of(path).withWeight(weight);
    }

    /** Until damping lets all of a step through. */
    private static Division settled(GpuPolicy policy, Gpu... gpus) {
        Division division = null;
        for (int i = 0; i < 8; i++) {
            division = Divider.next(division, policy, List.of(gpus), TICK);
        }
        return division;
    }

    private static Share share(Division division, String gpu, String tenant) {
        return division.shares(division.gpu(gpu)).stream()
                .filter(share -> share.tenant().equals(tenant))
                .findFirst()
                .orElseThrow();
    }

    private static void assertShare(Division division, String gpu, String tenant, double expected) {
        assertThat(share(division, gpu, tenant).share()).isCloseTo(expected, within(0.006));
    }

    @Test
    void oneGpuGoesByWeight() {
        Division division = settled(flat(tenant("a", 1), tenant("b", 3)), gpu("g", busy("a"), busy("b")));
        assertShare(division, "g", "a", 0.25);
        assertShare(division, "g", "b", 0.75);
        assertThat(share(division, "g", "a").guaranteed()).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void anEntitlementSpansGpus() {
        Division division =
                settled(flat(tenant("a", 1), tenant("b", 1)), gpu("1", busy("a")), gpu("2", busy("a"), busy("b")));
        assertShare(division, "1", "a", 1);
        assertShare(division, "2", "a", 0);
        assertShare(division, "2", "b", 1);
    }

    @Test
    void theTreeIsSharedLevelByLevel() {
        GpuPolicy policy = flat(tenant("x", 1), tenant("x/a", 1), tenant("x/b", 1), tenant("y", 1), tenant("y/c", 5));
        Division all = settled(policy, gpu("g", busy("x/a"), busy("x/b"), busy("y/c")));
        assertShare(all, "g", "x/a", 0.25);
        assertShare(all, "g", "y/c", 0.5);
        Division lent = settled(policy, gpu("g", busy("x/a"), idle("x/b"), busy("y/c")));
        assertShare(lent, "g", "x/a", 0.495);
        assertShare(lent, "g", "y/c", 0.5);
    }

    @Test
    void whoWakesUpHasWhatIsGuaranteedAtOnce() {
        Division division = settled(
                flat(tenant("a", 1), tenant("b", 1).withFloor(new Amount.Percent(40))), gpu("g", busy("a"), idle("b")));
        assertShare(division, "g", "a", 0.995);
        Share waits = share(division, "g", "b");
        assertThat(waits.weight()).isCloseTo(0.5, within(1e-6));
        assertThat(waits.floor()).isCloseTo(0.4, within(1e-6));
        assertThat(waits.guaranteed()).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void withoutAFloorToo() {
        Division division = settled(flat(tenant("a", 1), tenant("b", 1)), gpu("g", busy("a"), idle("b")));
        assertThat(share(division, "g", "b").weight()).isCloseTo(0.5, within(1e-6));
    }

    /** A node may have to go on for long with the last that it was told. */
    @Test
    void whoWakesUpWeighsAgainstWhoBorrowsAsThePolicySays() {
        GpuPolicy policy = flat(tenant("a", 1), tenant("b", 3), tenant("c", 2));
        Division division = settled(policy, gpu("g", busy("a"), idle("b"), busy("c")));
        assertShare(division, "g", "a", 0.995 / 3);
        assertWeights(division, "a", 1, "b", 3);
        assertWeights(division, "c", 2, "b", 3);
    }

    @Test
    void whoHasOnlyBegunDoesToo() {
        GpuPolicy policy = flat(tenant("a", 1), tenant("b", 3));
        Division division = settled(policy, gpu("g", busy("a")));
        Share newcomer = division.newcomer("b", 0);
        assertThat(newcomer.weight()).isCloseTo(3 * share(division, "g", "a").weight(), within(1e-6));
        for (double demand : new double[] {0.05, 0.4, 0.6, 1, 1, 1, 1, 1, 1}) {
            Gpu.Work begun = new Gpu.Work("b", demand, demand / 2);
            division = Divider.next(division, policy, List.of(gpu("g", busy("a"), begun)), TICK);
            assertWeights(division, "a", 1, "b", 3);
        }
        assertShare(division, "g", "b", 0.75);
    }

    private static void assertWeights(Division division, String one, double weight, String other, double otherWeight) {
        assertThat(share(division, "g", one).weight()
                        / share(division, "g", other).weight())
                .isCloseTo(weight / otherWeight, within(0.02));
    }

    @Test
    void aParentsFloorIsItsTenantsWhenTheyWakeUp() {
        GpuPolicy policy = flat(tenant("x", 1).withFloor(new Amount.Percent(80)), tenant("x/a", 1), tenant("y", 9));
        Division division = settled(policy, gpu("g", idle("x/a"), busy("y")));
        assertThat(share(division, "g", "x/a").floor()).isCloseTo(0.8, within(1e-6));
    }

    @Test
    void aGangHasTheSameShareOfEachGpu() {
        GpuPolicy policy =
                new GpuPolicy(PolicyTree.of(List.of(tenant("a", 1), tenant("b", 1))), Set.of("a"), Map.of(), Map.of());
        Division division = settled(policy, gpu("1", busy("a")), gpu("2", busy("a"), busy("b")));
        double first = share(division, "1", "a").share();
        assertThat(share(division, "2", "a").share()).isCloseTo(first, within(1e-6));
        assertThat(first).as("two of these are as much as the other has").isCloseTo(1 / 3.0, within(1e-3));
    }

    /** In lockstep it uses the GPU that nobody holds back as little as the other, and says no more of it. */
    @Test
    void aGangWantsOfEachGpuWhatItWantsOfTheBusiest() {
        GpuPolicy policy =
                new GpuPolicy(PolicyTree.of(List.of(tenant("a", 1), tenant("b", 1))), Set.of("a"), Map.of(), Map.of());
        Division division = settled(policy, gpu("1", new Gpu.Work("a", 0.05, 0.04)), gpu("2", busy("a"), busy("b")));
        assertThat(share(division, "1", "a").share()).isCloseTo(1 / 3.0, within(1e-3));
        assertThat(share(division, "2", "a").share()).isCloseTo(1 / 3.0, within(1e-3));
    }

    @Test
    void aGangWantsWhatThePartWantsThatIsHeldBackMost() {
        GpuPolicy policy =
                new GpuPolicy(PolicyTree.of(List.of(tenant("a", 1), tenant("b", 1))), Set.of("a"), Map.of(), Map.of());
        // On GPU 1 nothing holds the gang back but its own part on GPU 2: there it seems to want little more than it
        // has.
        Division division = settled(policy, gpu("1", new Gpu.Work("a", 0.2, 0.18)), gpu("2", busy("a"), busy("b")));
        assertShare(division, "1", "a", 1 / 3.0);
        assertShare(division, "2", "a", 1 / 3.0);
        assertShare(division, "2", "b", 2 / 3.0);
    }

    @Test
    void aHardCeilingBoundsTheSumOverGpus() {
        Division division = settled(
                flat(tenant("a", 1).withHardCeiling(new Amount.Gpus(0.8)), tenant("b", 1)),
                gpu("1", busy("a")),
                gpu("2", busy("a"), busy("b")));
        Share one = share(division, "1", "a");
        Share two = share(division, "2", "a");
        assertThat(one.share() + two.share()).isCloseTo(0.8, within(0.002));
        assertThat(one.ceiling() + two.ceiling()).isLessThanOrEqualTo(0.8 + 1e-6);
        assertThat(one.hardCeiling()).isTrue();
        assertShare(division, "2", "b", 1 - two.share());
    }

    @Test
    void anIdleTenantMayUseItsHardCeilingAtOnce() {
        Division division = settled(flat(tenant("a", 1).withHardCeiling(new Amount.Percent(50))), gpu("1", idle("a")));
        assertThat(share(division, "1", "a").ceiling()).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void aSoftCeilingIsLiftedByWhatNobodyWants() {
        GpuPolicy policy = flat(tenant("a", 1).withSoftCeiling(new Amount.Percent(30)), tenant("b", 1));
        assertShare(settled(policy, gpu("g", busy("a"), busy("b"))), "g", "a", 0.3);
        assertShare(settled(policy, gpu("g", busy("a"), idle("b"))), "g", "a", 0.995);
    }

    @Test
    void outsideItsPartATenantHasWhatIsLeft() {
        GpuPolicy policy = new GpuPolicy(
                PolicyTree.of(List.of(tenant("a", 100), tenant("b", 1))),
                Set.of(),
                Map.of("a", Map.of("model", "1")),
                Map.of());
        Division division = settled(policy, gpu("1", busy("a")), gpu("2", busy("a"), busy("b")));
        assertShare(division, "1", "a", 1);
        assertShare(division, "2", "a", 0);
        assertShare(division, "2", "b", 1);
        assertShare(settled(policy, gpu("2", busy("a"), idle("b"))), "2", "a", 0.995);
    }

    @Test
    void aFastGpuCountsForMore() {
        GpuPolicy policy = new GpuPolicy(
                PolicyTree.of(List.of(tenant("a", 1), tenant("b", 1))), Set.of(), Map.of(), Map.of("model=2", 3.0));
        Division division = settled(policy, gpu("1", busy("a")), gpu("2", busy("a"), busy("b")));
        assertShare(division, "1", "a", 1);
        assertShare(division, "2", "a", 1 / 3.0);
        assertThat(division.entitlements().of("a")).isCloseTo(2, within(1e-6));
    }

    @Test
    void anUnknownTenantIsLeftOut() {
        Division division = settled(flat(tenant("a", 1)), gpu("g", busy("a"), busy("stranger")));
        assertThat(division.shares(0)).hasSize(1);
        assertShare(division, "g", "a", 1);
    }

    @Test
    void withNoGpusThereIsNothingToDivide() {
        assertThat(settled(flat(tenant("a", 1))).gpus()).isEmpty();
    }

    @Test
    void theNextTickStandsWhereTheWorkIsElsewhere() {
        GpuPolicy policy = flat(tenant("a", 1), tenant("b", 1));
        Division before = settled(policy, gpu("1", busy("a")), gpu("2", busy("a"), busy("b")));
        Division after = before;
        for (int i = 0; i < 8; i++) {
            after = Divider.next(after, policy, List.of(gpu("1", busy("b")), gpu("2", busy("a"), busy("b"))), TICK);
        }
        assertShare(after, "1", "b", 1);
        assertShare(after, "2", "a", 1);
    }
}
