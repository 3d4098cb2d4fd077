package io.aliquot.cli.demo;

import java.util.List;

/** What a demo is made of: who runs where, by which quotas, and what happens then. */
interface Play {
    /** Whether it can be played on a node of so many GPUs. */
    boolean fits(int gpus);

    /** What to do where it doesn't fit. */
    String fix();

    /** What starts, for people: "three tenants". */
    String cast();

    /** In the order in which they start. */
    List<Program> programs();

    /** Sets the quotas at the start, and returns when they are in force. */
    void grant(DemoStage stage);

    /** Plays to the end. */
    Outcome play(DemoStage stage, LiveTable table) throws InterruptedException;

    /** What came of a play. */
    interface Outcome {
        /** Whether somebody had something else than what was expected. */
        boolean missed();

        /** One line for scripts. */
        String json();

        /** The summary for people. */
        List<String> summary();
    }
}
