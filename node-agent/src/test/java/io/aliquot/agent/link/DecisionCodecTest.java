package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.agent.model.Decision;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.GpuDecision;
import io.aliquot.schema.v1.TenantShare;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DecisionCodecTest {
    @Test
    void readsWhatItWrote() throws MalformedException {
        Decision decision = Decisions.of("n1", 3, 4);

        assertThat(DecisionCodec.decode(DecisionCodec.encode(decision))).isEqualTo(decision);
    }

    @Test
    void readsAShareFromBeforeCeilingsCouldBeHardAsSoftAndStandard() throws MalformedException {
        var share = decoded(TenantShare.newBuilder());
        assertThat(share.hardCeiling()).isFalse();
        assertThat(share.serviceClass()).isEqualTo(ServiceClass.STANDARD);
    }

    @Test
    void readsAShareOfAnOlderControllerAsOneWithNoGuaranteeAndNamesOneThatCannotBe() throws MalformedException {
        assertThat(decoded(TenantShare.newBuilder()).quotaVersion()).isZero();
        assertThat(decoded(TenantShare.newBuilder()).guaranteedPermille()).isZero();
        assertThat(decoded(TenantShare.newBuilder().setGuaranteedPermille(1000)).guaranteedPermille())
                .isEqualTo(1000);
        for (int permille : new int[] {1001, -1}) {
            assertThatThrownBy(() -> decoded(TenantShare.newBuilder().setGuaranteedPermille(permille)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessage("guaranteedPermille of a is " + permille + "; it must be between 0 and 1000");
        }
    }

    @Test
    void readsAClassByItsNumberAndOneOfANewerControllerAsStandard() throws MalformedException {
        for (int number : new int[] {0, 1, 2, 7}) {
            var share = decoded(TenantShare.newBuilder().setServiceClassValue(number));
            assertThat(share.serviceClass())
                    .isEqualTo(ServiceClass.ofNumber(number).orElse(ServiceClass.STANDARD));
        }
    }

    @Test
    void namesTheValueThatCannotBe() {
        byte[] bytes = io.aliquot.schema.v1.Decision.newBuilder()
                .setNode("n1")
                .setFence(Fence.newBuilder().setLeaseTopicId("L").setSequence(1))
                .setTimeToLiveMs(1000)
                .addGpus(GpuDecision.newBuilder()
                        .setGpuUuid("GPU-a")
                        .addTenants(TenantShare.newBuilder().setTenant("a").setWeight(0)))
                .build()
                .toByteArray();

        assertThatThrownBy(() -> DecisionCodec.decode(bytes))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("weight of a is 0");
    }

    @Property
    void takesNoGarbage(@ForAll byte[] garbage) {
        assertThatThrownBy(() -> DecisionCodec.decode(garbage)).isInstanceOf(MalformedException.class);
    }

    private static io.aliquot.agent.model.TenantShare decoded(TenantShare.Builder share) throws MalformedException {
        byte[] bytes = io.aliquot.schema.v1.Decision.newBuilder()
                .setNode("n1")
                .setFence(Fence.newBuilder().setLeaseTopicId("L").setSequence(1))
                .setTimeToLiveMs(1000)
                .addGpus(GpuDecision.newBuilder()
                        .setGpuUuid("GPU-a")
                        .addTenants(share.setTenant("a")
                                .setWeight(1)
                                .setCeilingPermille(500)
                                .setFallbackPermille(1)))
                .build()
                .toByteArray();
        return DecisionCodec.decode(bytes).gpus().getFirst().tenants().getFirst();
    }
}
