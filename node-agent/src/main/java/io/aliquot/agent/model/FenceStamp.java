package io.aliquot.agent.model;

/**
 * A decision's place in the order of decisions.
 *
 * @param leaseTopicId the lease topic that the term was drawn from; another id is another order
 * @param term offset of the active controller's claim
 * @param sequence count of decisions within the term, from 1
 * @param claimedAtMs when the broker appended the claim, by its clock; 0 from a controller that does not say
 */
public record FenceStamp(String leaseTopicId, long term, long sequence, long claimedAtMs)
        implements Comparable<FenceStamp> {
    public FenceStamp {
        Require.text("leaseTopicId", leaseTopicId, 64);
        Require.notNegative("term", term);
        Require.range("sequence", sequence, 1, Long.MAX_VALUE >> 1);
        Require.notNegative("claimedAtMs", claimedAtMs);
    }

    /** Of a claim whose time is not known. */
    public FenceStamp(String leaseTopicId, long term, long sequence) {
        this(leaseTopicId, term, sequence, 0);
    }

    public boolean sameOrder(FenceStamp other) {
        return leaseTopicId.equals(other.leaseTopicId);
    }

    /**
     * @return true when a decision of this stamp replaces one of the other. A re-created lease topic counts terms from 0
     *     again; of two topics the one with the later claim is the newer, and where a claim's time is not known, another id is
     */
    public boolean supersedes(FenceStamp other) {
        if (sameOrder(other)) {
            return compareTo(other) > 0;
        }
        return claimedAtMs == 0 || other.claimedAtMs == 0 || claimedAtMs > other.claimedAtMs;
    }

    /** Term, then sequence; meaningful within one lease topic. Ids only keep this consistent with equals. */
    @Override
    public int compareTo(FenceStamp other) {
        int byTerm = Long.compare(term, other.term);
        int bySequence = byTerm != 0 ? byTerm : Long.compare(sequence, other.sequence);
        int byId = bySequence != 0 ? bySequence : leaseTopicId.compareTo(other.leaseTopicId);
        return byId != 0 ? byId : Long.compare(claimedAtMs, other.claimedAtMs);
    }

    @Override
    public String toString() {
        return leaseTopicId + "/" + term + "/" + sequence;
    }
}
