package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Quotas;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.TenantQuota;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ToProtoTest {
    private static final Quota BEFORE = Quotas.quota("a", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 5, "me");
    private static final Quota AFTER =
            Quotas.quota("a", 2, 100, 800, true, ServiceClass.BEST_EFFORT, 1L << 30, 2, 6, "you");

    @Test
    void anAcceptedChangeIsAuditedFromWhatToWhat() {
        QuotaAudit audit = audit(BEFORE, new Ruling.Accepted(AFTER));
        assertThat(audit.getAccepted()).isTrue();
        assertThat(audit.getBefore()).isEqualTo(ToProto.quota(BEFORE));
        assertThat(audit.getAfter()).isEqualTo(ToProto.quota(AFTER));
        assertThat(audit.getRequestOffset()).isEqualTo(41);
        assertThat(audit.getRequestTopicId()).isEqualTo("topic-id");
        assertThat(audit.getBefore().getHardCeiling()).isFalse();
        assertThat(audit.getAfter().getHardCeiling()).isTrue();
        assertThat(audit.getRequest().getHardCeiling()).isTrue();
        assertThat(audit.getBefore().getServiceClassValue()).isEqualTo(ServiceClass.STANDARD.number());
        assertThat(audit.getAfter().getServiceClassValue()).isEqualTo(ServiceClass.BEST_EFFORT.number());
        assertThat(audit.getRequest().hasServiceClass()).isFalse();
        assertThat(audit.getRequest().hasFloorPermille()).isFalse();
        assertThat(audit.getRequest().getWeight()).isEqualTo(2);
    }

    @Test
    void aRefusalKeepsItsReasonAndHasNoAfter() {
        QuotaAudit audit = audit(null, new Ruling.Refused("weight 0"));
        assertThat(audit.getAccepted()).isFalse();
        assertThat(audit.getRefusal()).isEqualTo("weight 0");
        assertThat(audit.hasBefore()).isFalse();
        assertThat(audit.hasAfter()).isFalse();
    }

    @Test
    void aRemovalIsAcceptedAndHasNoAfter() {
        QuotaAudit audit = audit(BEFORE, new Ruling.Removed("a"));
        assertThat(audit.getAccepted()).isTrue();
        assertThat(audit.hasAfter()).isFalse();
    }

    @Test
    void aValueThatDoesntFitTheMessageIsRefusedNotCut() {
        assertThatThrownBy(() -> ToProto.request(request(1L << 32)))
                .hasMessage("weight 4294967296: expected 0 to 4294967295");
        assertThat(ToProto.request(request(0xffff_ffffL)).getWeight()).isEqualTo(-1);
    }

    @Test
    void aSoftCeilingIsSaidAndOneThatIsNotSaidStaysAbsent() {
        assertThat(ToProto.request(ceiling(null)).hasHardCeiling()).isFalse();
        assertThat(ToProto.request(ceiling(false)).hasHardCeiling()).isTrue();
        assertThat(ToProto.request(ceiling(false)).getHardCeiling()).isFalse();
    }

    @Test
    void aClassIsSaidAsItCameAlsoOneThatNobodyKnows() {
        for (int number : new int[] {0, 1, 7}) {
            QuotaRequest request = request(new QuotaChange.Builder().serviceClass(number));
            assertThat(ToProto.request(request).hasServiceClass()).isTrue();
            assertThat(ToProto.request(request).getServiceClassValue()).isEqualTo(number);
        }
    }

    @Test
    void aQuotaSaysAllOfItAndTheClusterItsFactorsAlone() {
        QuotaChange said = new QuotaChange.Builder()
                .floorMilligpus(1500L)
                .ceilingMilligpus(2001L)
                .historyHalfLifeSeconds(3600L)
                .burstCreditGpuSeconds(7200L)
                .gang(true)
                .gpuLabels(Map.of("pool", "a"))
                .build();
        assertThat(ToProto.quota(Quotas.quota("org/a", said)))
                .isEqualTo(TenantQuota.newBuilder()
                        .setTenant("org/a")
                        .setWeight(1)
                        .setFloorMilligpus(1500)
                        .setCeilingPermille(1000)
                        .setCeilingMilligpus(2001)
                        .setHistoryHalfLifeS(3600)
                        .setBurstCreditGpuS(7200)
                        .setGang(true)
                        .putGpuLabels("pool", "a")
                        .setVersion(1)
                        .setChangedBy("me")
                        .build());
        QuotaChange speeds = new QuotaChange.Builder()
                .gpuSpeedPermille(Map.of("model=A", 400L))
                .build();
        assertThat(ToProto.quota(Quota.of("/", speeds, 2, 9, "you")))
                .isEqualTo(TenantQuota.newBuilder()
                        .setTenant("/")
                        .putGpuSpeedPermille("model=A", 400)
                        .setVersion(2)
                        .setChangedAtUnixMs(9)
                        .setChangedBy("you")
                        .build());
    }

    @Test
    void aRequestSaysAllOfIt() {
        var message = ToProto.request(request(new QuotaChange.Builder()
                .floorMilligpus(0L)
                .ceilingMilligpus(-1L)
                .historyHalfLifeSeconds(1L)
                .burstCreditGpuSeconds(2L)
                .gang(false)
                .gpuLabels(Map.of())
                .gpuSpeedPermille(Map.of("k=v", 0xffff_ffffL))));
        assertThat(message.hasFloorMilligpus()).isTrue();
        assertThat(message.getCeilingMilligpus()).isEqualTo(-1);
        assertThat(message.getHistoryHalfLifeS()).isEqualTo(1);
        assertThat(message.getBurstCreditGpuS()).isEqualTo(2);
        assertThat(message.hasGang()).isTrue();
        assertThat(message.hasGpuLabels()).isTrue();
        assertThat(message.getGpuSpeeds().getPermilleMap()).containsEntry("k=v", -1);
    }

    @Test
    void endlessLabelsAreCutButStayTooMany() {
        Map<String, String> labels = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            labels.put("x".repeat(200) + i, "y".repeat(200));
            labels.put("k" + i, "v");
        }
        var message = ToProto.request(request(new QuotaChange.Builder().gpuLabels(labels)));
        assertThat(message.getSerializedSize()).isLessThan(30_000);
        assertThat(message.getGpuLabels().getLabelsCount()).isGreaterThan(16);
    }

    @Test
    void theAuditOfAnEndlessTextStillFitsARecord() {
        String endless = "x".repeat(1_000_000);
        QuotaRequest request = new QuotaRequest(endless, endless, endless, 3, QuotaChange.NONE, false, endless);
        QuotaAudit audit = ToProto.audit(new Ruled(request, 41, null, new Ruling.Refused("no")), "topic-id", 99);
        assertThat(audit.getSerializedSize()).isLessThan(10_000);
    }

    private static QuotaAudit audit(Quota before, Ruling ruling) {
        return ToProto.audit(new Ruled(request(2), 41, before, ruling), "topic-id", 99);
    }

    private static QuotaRequest request(long weight) {
        return request(new QuotaChange.Builder().weight(weight).hardCeiling(true));
    }

    private static QuotaRequest ceiling(@Nullable Boolean hard) {
        return request(new QuotaChange.Builder().hardCeiling(hard));
    }

    private static QuotaRequest request(QuotaChange.Builder said) {
        return new QuotaRequest("id", "a", "me", 3, said.build(), false, "why");
    }
}
