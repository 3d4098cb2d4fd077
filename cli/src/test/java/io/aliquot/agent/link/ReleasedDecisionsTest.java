package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.released.ReleasedRecords;
import io.aliquot.schema.ServiceClass;
import org.junit.jupiter.api.Test;

/** Decisions as each release wrote them, to a topic or to the agent's file, and as a later one may. */
class ReleasedDecisionsTest {
    @Test
    void readsDecisions() throws Exception {
        for (byte[] record : ReleasedRecords.of("Decision")) {
            Decision decision = DecisionCodec.decode(record);
            assertThat(decision.node()).isEqualTo("node-0");
            assertThat(decision.fence()).isEqualTo(new FenceStamp("lease-topic-id-0", 2, 3));
            assertThat(decision.timeToLiveMs()).isEqualTo(4);
            assertThat(decision.gpus()).extracting(gpu -> gpu.gpuUuid()).containsExactly("gpu-uuid-0", "gpu-uuid-1");
            assertThat(decision.shares("gpu-uuid-1"))
                    .containsOnlyKeys("tenant-0", "tenant-1")
                    .containsValue(
                            new TenantShare("tenant-1", 2, 3, 4, true, ServiceClass.BEST_EFFORT, 5, 6, 7, 10, 11));

            var message = io.aliquot.schema.v1.Decision.parseFrom(record);
            assertThat(DecisionCodec.decode(ReleasedRecords.withUnknownFields(message)))
                    .isEqualTo(decision);
        }
    }

    @Test
    void aClassThatNobodyKnowsIsStandardAndTheDecisionHolds() throws Exception {
        for (byte[] record : ReleasedRecords.of("Decision")) {
            var message = io.aliquot.schema.v1.Decision.parseFrom(record);
            Decision later = DecisionCodec.decode(ReleasedRecords.withUnknownValues(message));
            assertThat(later.gpus())
                    .flatExtracting(gpu -> gpu.tenants())
                    .hasSize(4)
                    .allSatisfy(share -> assertThat(share.serviceClass()).isEqualTo(ServiceClass.STANDARD));
        }
    }
}
