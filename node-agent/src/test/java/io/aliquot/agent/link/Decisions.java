package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.GpuShares;
import io.aliquot.agent.model.TenantShare;
import io.aliquot.schema.ServiceClass;
import java.util.List;

/** A decision for tests. */
final class Decisions {
    private Decisions() {}

    static Decision of(String node, long term, long sequence) {
        TenantShare share = new TenantShare("a", 4, 100, 800, true, ServiceClass.BEST_EFFORT, 7, 500, 125, 250, 6);
        return new Decision(
                node, new FenceStamp("L", term, sequence), 1, 10_000, List.of(new GpuShares("GPU-a", List.of(share))));
    }
}
