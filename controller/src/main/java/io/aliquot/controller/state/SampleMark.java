package io.aliquot.controller.state;

/**
 * One report of a node, by the node's own words. A decision that answers it carries it back.
 *
 * @param sequence of the report
 * @param atUs the node's monotonic clock; means something to that node alone
 */
public record SampleMark(long sequence, long atUs) {}
