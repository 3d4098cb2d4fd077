package io.aliquot.controller.account;

/**
 * Up to where a node's time is accounted for. Immutable.
 *
 * @param sequence of its last record
 * @param saidMicros when that record was taken by the node's clock, as far as the broker's confirms it; microseconds since 1970
 * @param endMicros end of the time that is accounted for, microseconds since 1970; runs by the lengths of the intervals, so
 *     that records that follow each other leave no gap and never overlap
 */
public record NodeMark(long sequence, long saidMicros, long endMicros) {}
