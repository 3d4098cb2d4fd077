package io.aliquot.controller.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.QuotaChange;
import io.aliquot.controller.state.Quotas;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.Fence;
import io.aliquot.schema.v1.GpuLabels;
import io.aliquot.schema.v1.GpuSample;
import io.aliquot.schema.v1.GpuSpeeds;
import io.aliquot.schema.v1.QuotaRequest;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.TenantSample;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FromProtoTest {
    @Test
    void absentFieldsOfARequestStayAbsentAndLargeOnesStayPositive() {
        var request = FromProto.request(
                QuotaRequest.newBuilder().setTenant("a").setWeight(-1).build().toByteArray());
        assertThat(request.change())
                .isEqualTo(new QuotaChange.Builder().weight(4294967295L).build());
    }

    @Test
    void tellsASoftCeilingFromOneThatIsNotSaid() {
        for (boolean hard : new boolean[] {true, false}) {
            byte[] said = QuotaRequest.newBuilder().setHardCeiling(hard).build().toByteArray();
            assertThat(FromProto.request(said).change().hardCeiling()).isEqualTo(hard);
        }
    }

    @Test
    void aQuotaFromBeforeCeilingsCouldBeHardIsSoft() {
        TenantQuota.Builder quota =
                TenantQuota.newBuilder().setTenant("a").setWeight(1).setCeilingPermille(500);
        assertThat(FromProto.quota(quota.build().toByteArray()).hardCeiling()).isFalse();
        assertThat(FromProto.quota(quota.setHardCeiling(true).build().toByteArray())
                        .hardCeiling())
                .isTrue();
    }

    @Test
    void aRequestKeepsAClassThatNobodyKnowsAndAQuotaTakesItAsStandard() {
        byte[] request =
                QuotaRequest.newBuilder().setServiceClassValue(7).build().toByteArray();
        assertThat(FromProto.request(request).change().serviceClass()).isEqualTo(7);
        TenantQuota.Builder quota =
                TenantQuota.newBuilder().setTenant("a").setWeight(1).setCeilingPermille(500);
        for (int number : new int[] {0, 1, 2, 7}) {
            assertThat(FromProto.quota(
                                    quota.setServiceClassValue(number).build().toByteArray())
                            .serviceClass())
                    .isEqualTo(ServiceClass.ofNumber(number).orElse(ServiceClass.STANDARD));
        }
    }

    @Test
    void aQuotaFromBeforeTenantsMadeATreeMeansTheSame() {
        byte[] old = TenantQuota.newBuilder()
                .setTenant("a")
                .setWeight(4)
                .setFloorPermille(100)
                .setCeilingPermille(800)
                .setMemoryLimitBytes(1L << 30)
                .setVersion(3)
                .setChangedAtUnixMs(5)
                .setChangedBy("me")
                .build()
                .toByteArray();
        assertThat(FromProto.quota(old))
                .isEqualTo(Quotas.quota("a", 4, 100, 800, false, ServiceClass.STANDARD, 1L << 30, 3, 5, "me"));
    }

    @Test
    void readsAllThatARequestSays() {
        var message = QuotaRequest.newBuilder()
                .setTenant("org/a")
                .setFloorMilligpus(1500)
                .setCeilingMilligpus(-1)
                .setHistoryHalfLifeS(-1)
                .setBurstCreditGpuS(7200)
                .setGang(false)
                .setGpuLabels(GpuLabels.newBuilder().putLabels("pool", "a"))
                .setGpuSpeeds(GpuSpeeds.newBuilder().putPermille("model=B", -1));
        assertThat(FromProto.request(message.build().toByteArray()).change())
                .isEqualTo(new QuotaChange.Builder()
                        .floorMilligpus(1500L)
                        .ceilingMilligpus(-1L)
                        .historyHalfLifeSeconds(4294967295L)
                        .burstCreditGpuSeconds(7200L)
                        .gang(false)
                        .gpuLabels(Map.of("pool", "a"))
                        .gpuSpeedPermille(Map.of("model=B", 4294967295L))
                        .build());
        byte[] none = message.clearGpuLabels()
                .setGpuLabels(GpuLabels.getDefaultInstance())
                .clearGpuSpeeds()
                .build()
                .toByteArray();
        assertThat(FromProto.request(none).change().gpuLabels()).isEmpty();
        assertThat(FromProto.request(none).change().gpuSpeedPermille()).isNull();
    }

    @Test
    void readsTelemetry() {
        NodeReport report = FromProto.telemetry(Telemetry.newBuilder()
                .setNode("n")
                .setIntervalUs(100_000)
                .setApplied(Fence.newBuilder().setTerm(3))
                .addGpus(GpuSample.newBuilder()
                        .setUuid("g")
                        .setSimulated(true)
                        .addTenants(TenantSample.newBuilder()
                                .setTenant("a")
                                .setGpuNs(5)
                                .setQuotaVersion(9)))
                .build()
                .toByteArray());
        assertThat(report.applied().orElseThrow().term()).isEqualTo(3);
        assertThat(report.gpus().getFirst().simulated()).isTrue();
        assertThat(report.gpus().getFirst().tenants().getFirst().gpuNs()).isEqualTo(5);
        assertThat(report.gpus().getFirst().tenants().getFirst().quotaVersion()).isEqualTo(9);
    }

    @Test
    void refusesQuotasAndTelemetryThatCantBe() {
        assertThatThrownBy(() -> FromProto.quota(TenantQuota.newBuilder()
                        .setTenant("a")
                        .setCeilingPermille(1000)
                        .build()
                        .toByteArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tenant 'a': weight 0: expected 1 to 1000000");
        assertThatThrownBy(() -> FromProto.telemetry(
                        Telemetry.newBuilder().setNode("n").build().toByteArray()))
                .hasMessage("telemetry: expected interval above 0");
        assertThatThrownBy(() -> FromProto.telemetry(Telemetry.newBuilder()
                        .setNode("n")
                        .setIntervalUs(1)
                        .addGpus(GpuSample.newBuilder().setUuid("g"))
                        .addGpus(GpuSample.newBuilder().setUuid("g"))
                        .build()
                        .toByteArray()))
                .hasMessage("telemetry: expected each GPU once");
    }

    /** Whatever comes, only one kind of error goes on, and the reader counts that one. */
    @Property
    void noiseIsAnIllegalArgument(@ForAll byte[] noise) {
        for (FromProto.Parse<?> parse : new FromProto.Parse<?>[] {
            () -> FromProto.telemetry(noise), () -> FromProto.request(noise), () -> FromProto.quota(noise)
        }) {
            try {
                parse.get();
            } catch (IllegalArgumentException expected) {
                // As it should be.
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
