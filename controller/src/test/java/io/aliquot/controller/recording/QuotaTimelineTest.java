package io.aliquot.controller.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.QuotaRequest;
import io.aliquot.schema.v1.QuotaStep;
import io.aliquot.schema.v1.TenantQuota;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuotaTimelineTest {
    /** At offset 0 a is made, at 1 changed; 2 is refused; at 3 b is made, at 4 removed, at 5 a is changed again. */
    private final QuotaTimeline timeline = new QuotaTimeline(
            quotas(quota("a", 3), quota("old", 9)),
            List.of(
                    changed("x", 0, null, quota("a", 1)),
                    changed("x", 1, quota("a", 1), quota("a", 2)),
                    changed("x", 2, null, quota("never", 1)).toBuilder()
                            .setAccepted(false)
                            .build(),
                    changed("x", 3, null, quota("b", 1)),
                    changed("x", 4, quota("b", 1), null),
                    changed("x", 5, quota("a", 2), quota("a", 3))));

    @Test
    void takesBackWhatWasLater() {
        assertThat(timeline.before("x", 9, 0)).isEqualTo(quotas(quota("a", 3), quota("old", 9)));
        assertThat(timeline.before("x", 5, 0)).isEqualTo(quotas(quota("a", 2), quota("old", 9)));
        assertThat(timeline.before("x", 4, 0)).isEqualTo(quotas(quota("a", 2), quota("b", 1), quota("old", 9)));
        assertThat(timeline.before("x", 2, 0)).isEqualTo(quotas(quota("a", 2), quota("old", 9)));
        assertThat(timeline.before("x", 0, 0)).isEqualTo(quotas(quota("old", 9)));
    }

    @Test
    void givesTheStepsBetweenTwoOffsets() {
        assertThat(timeline.between("x", 1, 5))
                .containsExactly(
                        QuotaStep.newBuilder().setChanged(quota("a", 2)).build(),
                        QuotaStep.newBuilder().setChanged(quota("b", 1)).build(),
                        QuotaStep.newBuilder().setRemoved("b").build());
        assertThat(timeline.between("x", 5, 5)).isEmpty();
        assertThat(timeline.between("another", 0, 9)).isEmpty();
    }

    @Test
    void aRequestTopicThatWasMadeAgainStartsAnew() {
        QuotaTimeline two = new QuotaTimeline(
                quotas(quota("a", 3)),
                List.of(
                        changed("x", 7, null, quota("a", 1)),
                        changed("y", 0, quota("a", 1), quota("a", 2)),
                        changed("y", 1, quota("a", 2), quota("a", 3))));
        assertThat(two.before("x", 8, 0)).isEqualTo(quotas(quota("a", 1)));
        assertThat(two.before("y", 0, 0)).isEqualTo(quotas(quota("a", 1)));
        assertThat(two.before("y", 1, 0)).isEqualTo(quotas(quota("a", 2)));
        assertThat(two.before("z", 0, 106)).isEmpty();
        assertThat(two.before("z", 0, 107)).isEqualTo(quotas(quota("a", 3)));
    }

    private static SortedMap<String, TenantQuota> quotas(TenantQuota... quotas) {
        SortedMap<String, TenantQuota> all = new TreeMap<>();
        for (TenantQuota quota : quotas) {
            all.put(quota.getTenant(), quota);
        }
        return all;
    }

    private static TenantQuota quota(String tenant, int weight) {
        return TenantQuota.newBuilder().setTenant(tenant).setWeight(weight).build();
    }

    private static QuotaAudit changed(String topicId, long offset, TenantQuota before, TenantQuota after) {
        QuotaAudit.Builder audit = QuotaAudit.newBuilder()
                .setRequestTopicId(topicId)
                .setRequestOffset(offset)
                .setDecidedAtUnixMs(100 + offset)
                .setAccepted(true)
                .setRequest(QuotaRequest.newBuilder().setTenant((after == null ? before : after).getTenant()));
        if (before != null) {
            audit.setBefore(before);
        }
        if (after != null) {
            audit.setAfter(after);
        }
        return audit.build();
    }
}
