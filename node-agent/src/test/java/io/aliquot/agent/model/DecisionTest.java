package io.aliquot.agent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aliquot.schema.ServiceClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionTest {
    @Test
    void namesTheValueThatIsWrong() {
        assertThatThrownBy(() -> share("a", 0, 0, 1000, 1)).hasMessageContaining("weight of a is 0");
        assertThatThrownBy(() -> share("a", 1, 800, 200, 1))
                .hasMessageContaining("ceilingPermille of a is 200; it must be between 800 and 1000");
        assertThatThrownBy(() -> share("a", 1, 0, 1000, 0)).hasMessageContaining("fallbackPermille of a is 0");
        assertThatThrownBy(() -> new TenantShare("a", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 0, 1, 1001, 0))
                .hasMessageContaining("guaranteedPermille of a is 1001; it must be between 0 and 1000");
        assertThatThrownBy(() -> new TenantShare("a", 1, 0, 1000, false, ServiceClass.STANDARD, 0, 0, 1, 0, -1))
                .hasMessageContaining("quotaVersion of a is -1");
        assertThatThrownBy(() -> share("", 1, 0, 1000, 1)).hasMessageContaining("tenant");
    }

    @Test
    void refusesMoreThanAGpu() {
        assertThatThrownBy(
                        () -> new GpuShares("GPU-a", List.of(share("a", 1, 600, 1000, 1), share("b", 1, 600, 1000, 1))))
                .hasMessageContaining("sum of floorPermille on GPU-a is 1200");
        assertThatThrownBy(
                        () -> new GpuShares("GPU-a", List.of(share("a", 1, 0, 1000, 600), share("b", 1, 0, 1000, 600))))
                .hasMessageContaining("sum of fallbackPermille on GPU-a is 1200");
        assertThatThrownBy(() -> new GpuShares("GPU-a", List.of(share("a", 1, 0, 1000, 1), share("a", 1, 0, 1000, 1))))
                .hasMessageContaining("tenant a is named twice");
    }

    @Test
    void ordersFencesByTermThenSequence() {
        FenceStamp low = new FenceStamp("L", 1, 9);
        FenceStamp high = new FenceStamp("L", 2, 1);

        assertThat(high.supersedes(low)).isTrue();
        assertThat(low.supersedes(high)).isFalse();
        assertThat(low.supersedes(low)).isFalse();
        assertThat(new FenceStamp("M", 0, 1).supersedes(high)).isTrue();
    }

    private static TenantShare share(String tenant, int weight, int floor, int ceiling, int fallback) {
        return new TenantShare(tenant, weight, floor, ceiling, false, ServiceClass.STANDARD, 0, 0, fallback, 0, 0);
    }
}
