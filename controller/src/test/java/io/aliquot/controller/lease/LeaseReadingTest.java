package io.aliquot.controller.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LeaseReadingTest {
    private static final OptionalLong UNKNOWN = OptionalLong.empty();

    @Test
    void hasCaughtUpOnceAllThatWasThereAtTheStartWasRead() {
        LeaseReading reading = new LeaseReading(3);
        assertThat(reading.caughtUp(2, UNKNOWN)).isFalse();
        assertThat(reading.caughtUp(2, OptionalLong.of(1))).isFalse();
        assertThat(reading.caughtUp(3, OptionalLong.of(9))).isTrue();
    }

    /** Found by the simulation: all waited for an offset to which nobody would write, and nobody was active any more. */
    @Test
    void goesOnToSpeakInATopicThatWasCreatedAgainSoThatSomebodySeesIt() {
        LeaseReading reading = new LeaseReading(3);
        assertThat(reading.caughtUp(3, UNKNOWN)).isTrue();
        assertThat(reading.caughtUp(0, UNKNOWN)).isTrue();
    }

    /** Found by the simulation: the topic was created again between the start and the first record. */
    @Test
    void hasCaughtUpWhenThereIsNothingMore() {
        assertThat(new LeaseReading(3).caughtUp(0, OptionalLong.of(0))).isTrue();
    }

    @Test
    void knowsATopicThatWasCreatedAgainByAnOffsetThatComesAgain() {
        LeaseReading reading = new LeaseReading(0);
        assertThat(reading.goesOn(4)).isTrue();
        assertThat(reading.goesOn(7)).isTrue();
        assertThat(reading.goesOn(7)).isFalse();
        assertThat(reading.goesOn(0)).isFalse();
        assertThat(reading.lastOffset()).isEqualTo(7);
    }
}
