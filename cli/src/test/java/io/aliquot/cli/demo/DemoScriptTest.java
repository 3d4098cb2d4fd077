package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DemoScriptTest {
    private final DemoScript script = DemoScript.of(Duration.ofSeconds(44));

    @Test
    void hasFourPhasesOfEqualLength() {
        assertThat(script.phases())
                .extracting(DemoScript.Phase::name)
                .containsExactly("busy", "idle", "return", "reweight");
        assertThat(script.phaseLength()).isEqualTo(Duration.ofSeconds(11));
    }

    @Test
    void aimsAtTheWeights() {
        assertTargets(0, 125, 250, 625);
        assertTargets(2, 125, 250, 625);
        assertTargets(3, 4000 / 11.0, 2000 / 11.0, 5000 / 11.0);
    }

    @Test
    void dividesAnIdleTenantsShareInProportion() {
        assertTargets(1, 1000 / 3.0, 2000 / 3.0, 0);
        assertThat(script.phases().get(1).busy()).containsExactly("a", "b");
    }

    private void assertTargets(int phase, double a, double b, double c) {
        assertThat(script.phases().get(phase).targetPermille("a")).isCloseTo(a, within(1e-9));
        assertThat(script.phases().get(phase).targetPermille("b")).isCloseTo(b, within(1e-9));
        assertThat(script.phases().get(phase).targetPermille("c")).isCloseTo(c, within(1e-9));
    }
}
