package io.aliquot.agent.model;

/**
 * One of this node's samples, as a decision brings it back.
 *
 * @param sequence of the sample, from 1
 * @param atUs when its interval ended, microseconds on this node's monotonic clock
 */
public record SampleMark(long sequence, long atUs) {
    public SampleMark {
        Require.range("sample sequence", sequence, 1, Long.MAX_VALUE);
    }
}
