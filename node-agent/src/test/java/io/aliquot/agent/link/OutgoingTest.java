package io.aliquot.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.aliquot.agent.model.Applied;
import io.aliquot.agent.model.FenceStamp;
import io.aliquot.agent.model.Inventory;
import io.aliquot.agent.model.NodeLabels;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutgoingTest {
    private static final Inventory INVENTORY = new Inventory("n", "1", "580", 0, NodeLabels.NONE, List.of(), Map.of());

    private final Outgoing outgoing = new Outgoing(Duration.ofHours(1));

    @Test
    void keepsTheNewestAcknowledgementAndCountsWhatItReplaced() throws Exception {
        outgoing.offer(applied(1));
        outgoing.offer(applied(2));

        assertThat(outgoing.take()).contains(new Outgoing.Word.Ack(applied(2)));
        assertThat(outgoing.replaced()).isEqualTo(1);
    }

    @Test
    void tellsTheInventoryOnceAndAgainWhenTheBrokerHasItNot() throws Exception {
        outgoing.offer(INVENTORY);
        outgoing.offer(applied(1));

        assertThat(outgoing.take()).contains(new Outgoing.Word.Has(INVENTORY));
        assertThat(outgoing.take()).contains(new Outgoing.Word.Ack(applied(1)));
        outgoing.inventoryFailed();
        assertThat(outgoing.take()).contains(new Outgoing.Word.Has(INVENTORY));
    }

    @Test
    void tellsOfAChangeAtOnceAndOfNothingElseWhenItIsDueAgain() throws Exception {
        Outgoing often = new Outgoing(Duration.ofMillis(1));
        often.offer(INVENTORY);
        Inventory changed = INVENTORY.withFaults(Map.of(0, "lost"));
        assertThat(often.take()).contains(new Outgoing.Word.Has(INVENTORY));
        often.offer(changed);

        assertThat(often.take()).contains(new Outgoing.Word.Has(changed));
        assertThat(often.take()).contains(new Outgoing.Word.Has(changed)); // a millisecond later
    }

    @Test
    void endsWithNothing() throws Exception {
        outgoing.close();

        assertThat(outgoing.take()).isEmpty();
    }

    private static Applied applied(long sequence) {
        return new Applied(new FenceStamp("L", 1, sequence), Optional.empty(), 0, 0, 1);
    }
}
