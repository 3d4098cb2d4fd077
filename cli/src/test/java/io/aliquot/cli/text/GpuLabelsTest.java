package io.aliquot.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpuLabelsTest {
    @Test
    void readsWhatItWrites() {
        GpuLabels labels = GpuLabels.parse("pool=a,model=NVIDIA A100");
        assertThat(labels.labels()).containsExactly(Map.entry("model", "NVIDIA A100"), Map.entry("pool", "a"));
        assertThat(GpuLabels.parse(labels.toString())).isEqualTo(labels);
        assertThat(GpuLabels.parse("any").labels()).isEmpty();
        assertThat(GpuLabels.parse(GpuLabels.parse("any").toString()).labels()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pool", "pool=", "=a", "pool=a=b", "pool=a,", "any,pool"})
    void namesWhatIsNoLabel(String text) {
        assertThatThrownBy(() -> GpuLabels.parse(text))
                .hasMessageContaining("is not a label of a GPU", "pool=a", "any");
    }

    @Test
    void namesALabelThatIsThereTwice() {
        assertThatThrownBy(() -> GpuLabels.parse("a=1,a=2"))
                .hasMessage("'a=1,a=2' has the label 'a' twice: give it once");
    }
}
