package io.aliquot.agent.model;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A decision that was put in force.
 *
 * @param answers the sample that it answers
 * @param atUnixMs wall clock, for people
 * @param readAtNs when it had been read, on the monotonic clock
 * @param inForceAtNs when it was in force, on the monotonic clock
 */
public record Applied(FenceStamp fence, Optional<SampleMark> answers, long atUnixMs, long readAtNs, long inForceAtNs) {
    /** A longer way is none: the mark is of another start of this machine, whose clock began anew. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** @return from the end of the sample's interval until in force; nothing when the decision answers no sample of this clock */
    public Optional<Duration> sampleToApplied() {
        return answers.map(sample -> Duration.ofNanos(inForceAtNs - TimeUnit.MICROSECONDS.toNanos(sample.atUs())))
                .filter(way -> !way.isNegative() && way.compareTo(LONGEST) <= 0);
    }

    /** @return from when it had been read until in force */
    public Duration readToApplied() {
        return Duration.ofNanos(inForceAtNs - readAtNs);
    }
}
