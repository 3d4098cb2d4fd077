package io.aliquot.agent.model;

/**
 * A decision's place in the order of decisions.
 *
 * @param leaseTopicId the lease topic that the term was drawn from; another id is another order
 * @param term offset of the active controller's claim
 * @param sequence count of decisions within the term, from 1
 */
public record FenceStamp(String leaseTopicId, long term, long sequence) implements Comparable<FenceStamp> {
    public FenceStamp {
        Require.text("leaseTopicId", leaseTopicId, 64);
        Require.notNegative("term", term);
        Require.range("sequence", sequence, 1, Long.MAX_VALUE >> 1);
    }

    /**
     * @return true when a decision of this stamp replaces one of the other. A re-created lease topic counts terms from 0
     *     again, so a new id replaces whatever was before it
     */
    public boolean supersedes(FenceStamp other) {
        return !leaseTopicId.equals(other.leaseTopicId) || compareTo(other) > 0;
    }

    /** Term, then sequence; meaningful within one lease topic. Ids only keep this consistent with equals. */
    @Override
    public int compareTo(FenceStamp other) {
        int byTerm = Long.compare(term, other.term);
        int bySequence = byTerm != 0 ? byTerm : Long.compare(sequence, other.sequence);
        return bySequence != 0 ? bySequence : leaseTopicId.compareTo(other.leaseTopicId);
    }

    @Override
    public String toString() {
        return leaseTopicId + "/" + term + "/" + sequence;
    }
}
