package io.aliquot.controller.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.QuotaAudit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ToProtoTest {
    private static final Quota BEFORE = new Quota("a", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 1, 5, "me");
    private static final Quota AFTER =
            new Quota("a", 2, 100, 800, true, ServiceClass.BEST_EFFORT, 1L << 30, 2, 6, "you");

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
            QuotaRequest request =
                    new QuotaRequest("id", "a", "me", 3, null, null, null, null, number, null, false, "why");
            assertThat(ToProto.request(request).hasServiceClass()).isTrue();
            assertThat(ToProto.request(request).getServiceClassValue()).isEqualTo(number);
        }
    }

    @Test
    void theAuditOfAnEndlessTextStillFitsARecord() {
        String endless = "x".repeat(1_000_000);
        QuotaRequest request =
                new QuotaRequest(endless, endless, endless, 3, null, null, null, null, null, null, false, endless);
        QuotaAudit audit = ToProto.audit(new Ruled(request, 41, null, new Ruling.Refused("no")), "topic-id", 99);
        assertThat(audit.getSerializedSize()).isLessThan(10_000);
    }

    private static QuotaAudit audit(Quota before, Ruling ruling) {
        return ToProto.audit(new Ruled(request(2), 41, before, ruling), "topic-id", 99);
    }

    private static QuotaRequest request(long weight) {
        return new QuotaRequest("id", "a", "me", 3, weight, null, null, true, null, null, false, "why");
    }

    private static QuotaRequest ceiling(@Nullable Boolean hard) {
        return new QuotaRequest("id", "a", "me", 3, null, null, null, hard, null, null, false, "why");
    }
}
