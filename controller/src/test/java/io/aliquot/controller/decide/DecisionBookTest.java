package io.aliquot.controller.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.publish.PlannedDecision;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodePlan;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.TenantShare;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecisionBookTest {
    private final DecisionBook book = new DecisionBook();

    @Test
    void tellsANodeOnceAndThenOnlyWhatChanged() {
        assertThat(book.take(plan(1, 500), false, 0)).isTrue();
        assertThat(book.take(plan(1, 500), false, 100)).isFalse();
        assertThat(book.take(plan(2, 500), false, 200)).isFalse();
        assertThat(book.take(plan(2, 500), true, 300)).isTrue();
        assertThat(book.take(plan(2, 500), true, 400)).isFalse();
    }

    @Test
    void holdsBackAWeightThatHardlyMoved() {
        book.take(plan(500_000, 500), false, 0);
        assertThat(book.take(plan(515_000, 500), false, 1)).isFalse();
        assertThat(book.take(plan(515_001, 500), false, 2)).isTrue();
    }

    @Test
    void repeatsEverythingAfterTwoSeconds() {
        book.take(plan(1, 500), false, 0);
        assertThat(book.take(plan(1, 500), false, 1999)).isFalse();
        assertThat(book.take(plan(1, 500), false, 2000)).isTrue();
        assertThat(book.take(plan(1, 500), false, 2100)).isFalse();
    }

    @Test
    void tellsAtOnceThatACeilingBecameHardOrSoft() {
        book.take(plan(1, false, 500), false, 0);
        assertThat(book.take(plan(1, true, 500), false, 1)).isTrue();
        assertThat(book.take(plan(1, true, 500), false, 2)).isFalse();
        assertThat(book.take(plan(1, false, 500), false, 3)).isTrue();
    }

    @Test
    void tellsAtOnceThatAClassChanged() {
        book.take(plan(1, false, ServiceClass.STANDARD, 500), false, 0);
        assertThat(book.take(plan(1, false, ServiceClass.BEST_EFFORT, 500), false, 1))
                .isTrue();
        assertThat(book.take(plan(1, false, ServiceClass.BEST_EFFORT, 500), false, 2))
                .isFalse();
    }

    @Test
    void tellsAtOnceThatAQuotaChangedEvenIfNoShareDid() {
        book.take(ofVersion(1), false, 0);
        assertThat(book.take(ofVersion(2), false, 1)).isTrue();
        assertThat(book.take(ofVersion(2), false, 2)).isFalse();
    }

    @Test
    void holdsBackATargetThatHardlyMoved() {
        book.take(plan(1, 500), false, 0);
        assertThat(book.take(plan(1, 515), false, 1)).isFalse();
        assertThat(book.take(plan(1, 516), false, 2)).isTrue();
        book.take(plan(1, 100), false, 3);
        assertThat(book.take(plan(1, 110), false, 4)).isFalse();
        assertThat(book.take(plan(1, 111), false, 5)).isTrue();
    }

    @Test
    void smallStepsThatAddUpAreToldToo() {
        book.take(plan(1, 100), false, 0);
        assertThat(book.take(plan(1, 108), false, 1)).isFalse();
        assertThat(book.take(plan(1, 116), false, 2)).isTrue();
    }

    @Test
    void tellsOfANewGpuAtOnceAndForgetsANodeThatIsGone() {
        NodePlan one = plan(1, 500);
        book.take(one, false, 0);
        assertThat(book.take(
                        new NodePlan("n", List.of(one.gpus().getFirst(), new NodePlan.Gpu("h", List.of()))), false, 1))
                .isTrue();
        book.forget("n");
        assertThat(book.take(one, false, 2)).isTrue();
    }

    @Test
    void aDecisionCarriesAllThatANodeNeeds() throws Exception {
        Decision decision = Decision.parseFrom(new PlannedDecision(
                        plan(4, true, ServiceClass.LATENCY_CRITICAL, 500),
                        new Fence("lease", 7, 9),
                        123,
                        10_000,
                        Map.of("t", 5L))
                .toBytes());
        TenantShare share = decision.getGpus(0).getTenants(0);
        assertThat(share)
                .isEqualTo(TenantShare.newBuilder()
                        .setTenant("a")
                        .setWeight(4)
                        .setFloorPermille(10)
                        .setCeilingPermille(900)
                        .setHardCeiling(true)
                        .setServiceClass(io.aliquot.schema.v1.ServiceClass.SERVICE_CLASS_LATENCY_CRITICAL)
                        .setMemoryLimitBytes(1L << 30)
                        .setTargetPermille(500)
                        .setGuaranteedPermille(300)
                        .setFallbackPermille(333)
                        .setQuotaVersion(6)
                        .build());
        assertThat(decision.getFence().getTerm()).isEqualTo(7);
        assertThat(decision.getFence().getSequence()).isEqualTo(9);
        assertThat(decision.getTimeToLiveMs()).isEqualTo(10_000);
        assertThat(decision.getInputOffsetsMap()).containsEntry("t", 5L);
    }

    private static NodePlan plan(int weight, int target) {
        return plan(weight, false, target);
    }

    private static NodePlan plan(int weight, boolean hard, int target) {
        return plan(weight, hard, ServiceClass.STANDARD, target);
    }

    private static NodePlan plan(int weight, boolean hard, ServiceClass serviceClass, int target) {
        return plan(new NodePlan.Share("a", weight, 10, 900, hard, serviceClass, 1L << 30, target, 300, 333, 6));
    }

    private static NodePlan ofVersion(long quotaVersion) {
        return plan(new NodePlan.Share(
                "a", 4, 10, 900, false, ServiceClass.STANDARD, 1L << 30, 500, 300, 333, quotaVersion));
    }

    private static NodePlan plan(NodePlan.Share share) {
        return new NodePlan("n", List.of(new NodePlan.Gpu("g", List.of(share))));
    }
}
