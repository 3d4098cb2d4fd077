package io.aliquot.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplainTest {
    @Test
    void readsWhatTheControllerAnswers() throws Exception {
        Explain explain = Explain.of(new ObjectMapper().readTree("""
                {"tenant":"lab/train","words":["because"],"sharedGpus":0.75,"usedGpus":0.7,
                 "gpus":[{"tenant":"lab/train","gpu":"GPU-1","sharePermille":500},
                         {"tenant":"lab/train","gpu":"GPU-2","sharePermille":250}]}
                """));
        assertThat(explain)
                .isEqualTo(new Explain(0.75, 0.7, Map.of("GPU-1", 500.0, "GPU-2", 250.0), List.of("because")));
    }

    @Test
    void aParentHasNoShareOfItsOwn() throws Exception {
        Explain explain = Explain.of(new ObjectMapper().readTree("""
                {"tenant":"lab","words":[],"sharedGpus":1,"usedGpus":1,
                 "gpus":[{"tenant":"lab/train","gpu":"GPU-1","sharePermille":1000}]}
                """));
        assertThat(explain.sharePermille()).isEmpty();
    }

    @Test
    void answersAreAveraged() {
        Answers answers = new Answers();
        answers.add("a", new Explain(1, 0.2, Map.of(), List.of()));
        answers.add("a", new Explain(1, 0.4, Map.of(), List.of("last")));
        assertThat(answers.mean("a", Explain::usedGpus)).isEqualTo((0.2 + 0.4) / 2);
        assertThat(answers.last("a").words()).containsExactly("last");
        assertThat(answers.mean("b", Explain::usedGpus)).isZero();
        assertThat(answers.last("b")).isEqualTo(Explain.NONE);
    }
}
