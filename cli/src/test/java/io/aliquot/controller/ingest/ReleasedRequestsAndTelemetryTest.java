package io.aliquot.controller.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaPolicy;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.controller.state.Ruling;
import io.aliquot.released.ReleasedRecords;
import io.aliquot.schema.ServiceClass;
import io.aliquot.schema.v1.Telemetry;
import io.aliquot.schema.v1.TenantQuota;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the controller reads, as each release wrote it and as a later one may. */
class ReleasedRequestsAndTelemetryTest {
    @Test
    void readsTelemetry() throws Exception {
        for (byte[] record : ReleasedRecords.of("Telemetry")) {
            NodeReport report = TelemetryReader.parse(record);
            assertThat(report.node()).isEqualTo("node-0");
            assertThat(report.sequence()).isEqualTo(2);
            assertThat(report.intervalUs()).isEqualTo(4);
            assertThat(report.labels()).isEqualTo(Map.of("key-0", "value-0"));
            assertThat(report.applied().orElseThrow().leaseTopicId()).isEqualTo("lease-topic-id-0");
            assertThat(report.gpus()).extracting(NodeReport.Gpu::uuid).containsExactly("uuid-0", "uuid-1");
            assertThat(report.gpus().getLast().tenants().getLast())
                    .isEqualTo(new NodeReport.Tenant("tenant-1", 2, 3, 4, 5, 7, 8, 9, 11, 12));

            byte[] later = ReleasedRecords.withUnknownFields(Telemetry.parseFrom(record));
            assertThat(TelemetryReader.parse(later)).isEqualTo(report);
        }
    }

    @Test
    void readsQuotas() throws Exception {
        List<Quota> quotas = new ArrayList<>();
        for (byte[] record : ReleasedRecords.of("TenantQuota")) {
            Quota quota = FromProto.quota(record);
            quotas.add(quota);
            byte[] later = ReleasedRecords.withUnknownFields(TenantQuota.parseFrom(record));
            assertThat(FromProto.quota(later)).isEqualTo(quota);
        }
        Quota tenant = quotas.getFirst();
        assertThat(tenant.tenant()).isEqualTo("tenant-0");
        assertThat(tenant.weight()).isEqualTo(2);
        assertThat(tenant.floorMilligpus()).isEqualTo(11);
        assertThat(tenant.ceilingMilligpus()).isEqualTo(12);
        assertThat(tenant.memoryLimitBytes()).isEqualTo(1L << 30);
        assertThat(tenant.serviceClass()).isEqualTo(ServiceClass.BEST_EFFORT);
        assertThat(tenant.historyHalfLifeSeconds()).isEqualTo(13);
        assertThat(tenant.burstCreditGpuSeconds()).isEqualTo(14);
        assertThat(tenant.hardCeiling() && tenant.gang()).isTrue();
        assertThat(tenant.gpuLabels()).isEqualTo(Map.of("key-0", "value-0"));
        assertThat(tenant.version()).isEqualTo(6);
        assertThat(quotas)
                .filteredOn(Quota::isCluster)
                .extracting(Quota::gpuSpeedPermille)
                .contains(new java.util.TreeMap<>(Map.of("model=key", 2)));
    }

    @Test
    void aQuotaOfAClassThatNobodyKnowsIsStandardAndAllElseOfItHolds() throws Exception {
        byte[] record = ReleasedRecords.of("TenantQuota").getFirst();
        TenantQuota now = TenantQuota.parseFrom(record);
        Quota quota = FromProto.quota(ReleasedRecords.withUnknownValues(now));
        assertThat(quota.serviceClass()).isEqualTo(ServiceClass.STANDARD);
        assertThat(quota)
                .isEqualTo(FromProto.quota(now.toBuilder()
                        .setServiceClassValue(ServiceClass.STANDARD.number())
                        .build()
                        .toByteArray()));
    }

    @Test
    void readsRequests() throws Exception {
        for (byte[] record : ReleasedRecords.of("QuotaRequest")) {
            QuotaRequest request = FromProto.request(record);
            assertThat(request.requestId()).isEqualTo("request-id-0");
            assertThat(request.tenant()).isEqualTo("tenant-0");
            assertThat(request.change().weight()).isEqualTo(5);
            assertThat(request.change().burstCreditGpuSeconds()).isEqualTo(16);
            assertThat(request.change().gpuLabels()).isEqualTo(Map.of("key-0", "value-0"));
            assertThat(request.change().gpuSpeedPermille()).isEqualTo(Map.of("model=key", 2L));
            assertThat(request.remove()).isTrue();
            assertThat(request.unknownFields()).isEmpty();
        }
    }

    @Test
    void aRequestThatSaysMoreThanIsKnownIsRefusedWithAnAnswer() throws Exception {
        byte[] record = ReleasedRecords.of("QuotaRequest").getFirst();
        var message = io.aliquot.schema.v1.QuotaRequest.parseFrom(record).toBuilder()
                .clearRemove()
                .clearGpuSpeeds()
                .clearFloorMilligpus()
                .clearCeilingMilligpus()
                .build();
        assertThat(ruling(message.toByteArray())).isInstanceOf(Ruling.Accepted.class);
        assertThat(ruling(ReleasedRecords.withUnknownFields(message)))
                .isEqualTo(new Ruling.Refused("tenant 'tenant-0': field 900 and 5 more that this controller does not"
                        + " know: upgrade the controller, or leave it out"));
        var labels = message.toBuilder();
        labels.getGpuLabelsBuilder()
                .setUnknownFields(com.google.protobuf.UnknownFieldSet.newBuilder()
                        .addField(
                                7,
                                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                        .addVarint(1)
                                        .build())
                        .build());
        assertThat(ruling(labels.build().toByteArray()))
                .isEqualTo(
                        new Ruling.Refused("tenant 'tenant-0': field 7 that this controller does not know: upgrade the"
                                + " controller, or leave it out"));
        assertThat(ruling(ReleasedRecords.withUnknownValues(message)))
                .isInstanceOfSatisfying(
                        Ruling.Refused.class,
                        refused -> assertThat(refused.reason()).contains("77"));
    }

    private static Ruling ruling(byte[] record) {
        return QuotaPolicy.validate(FromProto.request(record), ClusterState.EMPTY, 1);
    }
}
