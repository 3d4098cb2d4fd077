package io.aliquot.controller.fairshare;

/**
 * Who goes first among the children of one parent: floors that can't all be met are met in this order, and so is what is
 * left above the floors given away, but for a small reserve for the classes below ({@link SiblingSplit#RESERVE}).
 */
public enum PriorityClass {
    LATENCY_CRITICAL(0, "latency-critical"),
    STANDARD(1, "standard"),
    BEST_EFFORT(2, "best-effort");

    private final int rank;
    private final String word;

    PriorityClass(int rank, String word) {
        this.rank = rank;
        this.word = word;
    }

    /** 0 goes first. */
    int rank() {
        return rank;
    }

    /** As people write it. */
    public String word() {
        return word;
    }
}
