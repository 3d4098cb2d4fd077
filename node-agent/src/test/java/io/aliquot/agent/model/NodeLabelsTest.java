package io.aliquot.agent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeLabelsTest {
    @Test
    void readsWhatPeopleWrite() {
        assertThat(NodeLabels.parse(List.of("zone=eu-1/a", "rack row=7 B")).map())
                .isEqualTo(Map.of("zone", "eu-1/a", "rack row", "7 B"));
        assertThat(NodeLabels.parse(List.of("a=" + "b".repeat(63))).map()).hasSize(1);
        assertThat(NodeLabels.parse(List.of())).isEqualTo(NodeLabels.NONE);
    }

    @Test
    void namesWhatIsWrong() {
        refuses("'zone' has no '='", "zone");
        refuses("label key ''", "=a");
        refuses("value '' of label 'zone'", "zone=");
        refuses("value 'a=b' of label 'zone'", "zone=a=b");
        refuses("value ' a' of label 'zone'", "zone= a");
        refuses("label key 'zöne'", "zöne=a");
        refuses("1 to 63", "zone=" + "a".repeat(64));
        refuses("'zone' is given twice, as 'a' and 'b'", "zone=a", "zone=b");
        for (String own : List.of("model", "node", "uuid")) {
            refuses("label '" + own + "' is a GPU's own", own + "=a");
        }
    }

    @Test
    void hasAtMostSixteen() {
        List<String> words =
                IntStream.rangeClosed(1, 17).mapToObj(i -> "k" + i + "=v").toList();
        assertThat(NodeLabels.parse(words.subList(0, 16)).map()).hasSize(16);
        refuses("there are 17 labels; a node has at most 16", words.toArray(String[]::new));
    }

    @Test
    void cannotBeChanged() {
        assertThatThrownBy(() -> NodeLabels.parse(List.of("a=b")).map().put("c", "d"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(NodeLabels.NONE.map()).isEqualTo(Collections.emptyMap());
    }

    private static void refuses(String message, String... words) {
        assertThatThrownBy(() -> NodeLabels.parse(List.of(words)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
