package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewestSlotTest {
    @Test
    void keepsTheNewestAndCountsWhatItReplaced() throws Exception {
        NewestSlot<String> slot = new NewestSlot<>();
        slot.offer("a");
        slot.offer("b");
        slot.offer("c");

        assertThat(slot.take()).contains("c");
        assertThat(slot.replaced()).isEqualTo(2);
    }

    @Test
    void givesTheLastValueBeforeItEnds() throws Exception {
        NewestSlot<String> slot = new NewestSlot<>();
        slot.offer("a");
        slot.close();

        assertThat(slot.take()).contains("a");
        assertThat(slot.take()).isEmpty();
    }
}
