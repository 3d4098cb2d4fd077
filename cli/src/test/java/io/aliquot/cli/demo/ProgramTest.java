package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private final ShareWitness witness = new ShareWitness();

    @Test
    void aProgramsWorkIsOfItsGpu() {
        Program program = Program.on("a/b", 1, "1ms");
        program.note(new TenantLine(10, false, 5), witness);
        program.note(new TenantLine(20, false, 12), witness);
        assertThat(witness.gpuNs(Program.series("a/b", 1), 10, 20)).isEqualTo(7);
        assertThat(witness.gpuNs(Program.series("a/b", 0), 10, 20)).isZero();
        assertThat(program.options()).containsSequence("--gpu", "1").containsSequence("--kernel", "1ms");
    }

    @Test
    void aGangsWorkIsOfEachOfItsGpus() {
        Program gang = Program.gang("g", 2, "5ms");
        gang.note(new TenantLine(10, false, 30, List.of(10L, 20L)), witness);
        gang.note(new TenantLine(20, false, 36, List.of(12L, 24L)), witness);
        assertThat(witness.gpuNs(Program.series("g", 0), 10, 20)).isEqualTo(2);
        assertThat(witness.gpuNs(Program.series("g", 1), 10, 20)).isEqualTo(4);
        assertThat(gang.options()).contains("--gang").doesNotContain("--gpu");
    }
}
