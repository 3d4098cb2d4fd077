package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TenantLineTest {
    @Test
    void readsTheTenantProgramsLine() {
        assertThat(TenantLine.parse("{\"name\":\"a\",\"tMonoNs\":12,\"state\":\"idle\",\"kernels\":1,\"gpuNs\":34}"))
                .contains(new TenantLine(12, true, 34));
    }

    @Test
    void readsAGangsWorkOnEachGpu() {
        assertThat(TenantLine.parse("{\"tMonoNs\":12,\"state\":\"busy\",\"gpuNs\":30,\"steps\":1,"
                        + "\"gpus\":[{\"workNs\":10,\"stepNs\":11},{\"workNs\":20,\"stepNs\":21}]}"))
                .contains(new TenantLine(12, false, 30, List.of(10L, 20L)));
    }

    @Test
    void leavesOutWhatIsNoLine() {
        assertThat(TenantLine.parse("")).isEmpty();
        assertThat(TenantLine.parse("hello")).isEmpty();
        assertThat(TenantLine.parse("{\"name\":\"a\"}")).isEmpty();
        assertThat(TenantLine.parse("{\"tMonoNs\":12,")).isEmpty();
    }
}
