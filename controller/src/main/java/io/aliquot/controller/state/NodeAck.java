package io.aliquot.controller.state;

import java.util.OptionalLong;

/**
 * What a node says about a decision that it put in force. Immutable.
 *
 * @param appliedAtUnixMs the node's wall clock, for people
 * @param sampleSequence of the report that the decision answered; 0: it answered none
 * @param sampleToAppliedUs from the end of that report's interval until in force, by the node's clock; nothing when it answered none
 * @param readToAppliedUs from when the agent had read it until in force
 */
public record NodeAck(
        String node,
        Fence applied,
        long appliedAtUnixMs,
        long sampleSequence,
        OptionalLong sampleToAppliedUs,
        long readToAppliedUs) {
    /** @throws IllegalArgumentException when the name is empty */
    public NodeAck {
        if (node.isEmpty() || node.length() > 255) {
            throw new IllegalArgumentException("acknowledgement: expected node name of 1 to 255 characters");
        }
    }
}
