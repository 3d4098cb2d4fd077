package io.aliquot.controller.ledger;

import java.util.Map;

/**
 * Which telemetry is in the entries. Immutable.
 *
 * @param topicId of the telemetry topic
 * @param nextOffsets by partition: the first record that is not in the entries
 * @param missedRecords deleted before they were read, since the ledger began
 * @param untilUnixMs time of the newest record in the entries
 */
record LedgerPlace(String topicId, Map<Integer, Long> nextOffsets, long missedRecords, long untilUnixMs) {
    /** @throws IllegalArgumentException when a number is below 0 */
    LedgerPlace {
        nextOffsets = Map.copyOf(nextOffsets);
        if (missedRecords < 0 || nextOffsets.values().stream().anyMatch(offset -> offset < 0)) {
            throw new IllegalArgumentException("position: offsets " + nextOffsets + " and " + missedRecords
                    + " missed records, expected 0 or more each");
        }
    }
}
