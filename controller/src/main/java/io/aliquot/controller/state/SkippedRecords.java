package io.aliquot.controller.state;

/**
 * Telemetry that the controller never read: it was too far behind, or the broker had deleted it. Immutable.
 *
 * @param partition topic, or {@code topic/partition} above partition 0
 * @param from the first offset that was not read
 * @param to the first one that was read again
 */
public record SkippedRecords(String partition, long from, long to) {}
