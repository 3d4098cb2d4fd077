package io.aliquot.controller.state;

/**
 * The order of decisions: term first, then sequence, within one lease topic. Immutable.
 *
 * @param leaseTopicId a re-created topic has a new id and starts a new order
 * @param term offset of the controller's claim in the lease topic
 * @param sequence count of decisions within the term, from 1
 * @param claimedAtMs when the broker appended the claim, by its clock: of two lease topics the later claim is of the newer; 0: not known
 */
public record Fence(String leaseTopicId, long term, long sequence, long claimedAtMs) {
    /** Of a claim whose time is not known. */
    public Fence(String leaseTopicId, long term, long sequence) {
        this(leaseTopicId, term, sequence, 0);
    }

    /** Whether who applied this has applied the other one, or one after it. */
    public boolean reaches(Fence other) {
        return leaseTopicId.equals(other.leaseTopicId)
                && (term != other.term ? term > other.term : sequence >= other.sequence);
    }
}
