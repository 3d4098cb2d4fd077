package io.aliquot.controller.state;

/**
 * The order of decisions: term first, then sequence, within one lease topic. Immutable.
 *
 * @param leaseTopicId a re-created topic has a new id and starts a new order
 * @param term offset of the controller's claim in the lease topic
 * @param sequence count of decisions within the term, from 1
 */
public record Fence(String leaseTopicId, long term, long sequence) {
    /** Whether who applied this has applied the other one, or one after it. */
    public boolean reaches(Fence other) {
        return leaseTopicId.equals(other.leaseTopicId)
                && (term != other.term ? term > other.term : sequence >= other.sequence);
    }
}
