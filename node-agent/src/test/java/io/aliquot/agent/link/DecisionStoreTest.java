package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionStoreTest {
    @TempDir
    Path folder;

    @Test
    void hasTheNewestDecisionAfterARestart() {
        try (DecisionStore store = DecisionStore.open(folder)) {
            assertThat(store.load()).isEmpty();
            for (int i = 1; i <= 100; i++) {
                store.save(Decisions.of("n1", 3, i));
            }
        }
        try (DecisionStore store = DecisionStore.open(folder)) {
            assertThat(store.load()).contains(Decisions.of("n1", 3, 100));
        }
    }

    @Test
    void movesACorruptFileAside() throws Exception {
        Files.writeString(folder.resolve("decision.pb"), "not a decision");

        try (DecisionStore store = DecisionStore.open(folder)) {
            assertThat(store.load()).isEmpty();
        }

        assertThat(folder.resolve("decision.pb")).doesNotExist();
        assertThat(folder.resolve("decision.pb.bad")).hasContent("not a decision");
    }
}
