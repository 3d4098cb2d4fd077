package io.aliquot.controller.fairshare;

/** The unit in which parts of a GPU's time travel. */
public final class Permille {
    /** A whole GPU. */
    public static final int WHOLE = 1000;

    private Permille() {}
}
