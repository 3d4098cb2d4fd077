package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aliquot.cli.demo.TreeScript.Part;
import io.aliquot.cli.demo.TreeScript.Phase;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TreeScriptTest {
    private final TreeScript script = TreeScript.of(Duration.ofSeconds(70));

    @Test
    void hasPhasesOfEqualLength() {
        assertThat(script.phases())
                .extracting(Phase::name)
                .containsExactly("busy", "lend-sibling", "gang", "floor-idle", "reclaim", "lend-others", "ceiling");
        assertThat(script.phases()).hasSize(TreeScript.PHASES);
        assertThat(script.phaseLength()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void givesOutEachGpuWholeWhereSomebodyWantsItWhole() {
        for (Phase phase : script.phases()) {
            assertThat(phase.isFull(0)).as(phase.name()).isTrue();
            boolean halfUsed = phase.name().equals("gang") || phase.name().equals("ceiling");
            assertThat(phase.isFull(1)).as(phase.name()).isEqualTo(!halfUsed);
            for (int gpu = 0; gpu < TreeScript.GPUS; gpu++) {
                assertThat(onGpu(phase, gpu)).as(phase.name()).isLessThan(1000.001);
            }
        }
    }

    @Test
    void theGangHasTheSameOfBothGpus() {
        for (Phase phase : script.phases()) {
            assertThat(expected(phase, TreeScript.GANG, 0)).isEqualTo(expected(phase, TreeScript.GANG, 1));
        }
    }

    @Test
    void whatASiblingLendsStaysWithItsParent() {
        assertThat(of("lab", phase("lend-sibling"))).isCloseTo(of("lab", phase("busy")), within(1e-6));
        assertThat(of("shop", phase("lend-sibling"))).isCloseTo(1000, within(1e-6));
        assertThat(of("lab", phase("lend-others"))).isCloseTo(2000, within(1e-6));
    }

    @Test
    void expectsNothingOfWhoRests() {
        Set<String> resting = new HashSet<>();
        for (Phase phase : script.phases()) {
            for (TreeScript.Change change : phase.changes()) {
                switch (change) {
                    case TreeScript.Rest rest -> resting.add(rest.tenant());
                    case TreeScript.Work work -> resting.remove(work.tenant());
                    case TreeScript.Quota quota -> {}
                }
            }
            List.of(TreeScript.TRAIN, TreeScript.SERVE, TreeScript.WEB, TreeScript.GANG)
                    .forEach(tenant -> assertThat(of(tenant, phase) == 0)
                            .as(phase.name() + " " + tenant)
                            .isEqualTo(resting.contains(tenant)));
        }
    }

    private Phase phase(String name) {
        return script.phases().stream()
                .filter(phase -> phase.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static double expected(Phase phase, String tenant, int gpu) {
        return phase.expectedPermille().get(new Part(tenant, gpu));
    }

    private static double onGpu(Phase phase, int gpu) {
        return phase.expectedPermille().entrySet().stream()
                .filter(e -> e.getKey().gpu() == gpu)
                .mapToDouble(e -> e.getValue())
                .sum();
    }

    private static double of(String tenant, Phase phase) {
        return phase.expectedPermille().entrySet().stream()
                .filter(e -> (e.getKey().tenant() + "/").startsWith(tenant + "/"))
                .mapToDouble(e -> e.getValue())
                .sum();
    }
}
