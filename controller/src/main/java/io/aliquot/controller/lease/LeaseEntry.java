package io.aliquot.controller.lease;

/** What a controller said about the lease. */
public sealed interface LeaseEntry {
    /** The longest name of an instance or a holder, characters. */
    int MOST_TEXT = 255;

    /** One start of a controller; no two have the same. */
    String instance();

    /** Count of what the instance said, from 1: by it the instance knows its own records when it reads them. */
    long number();

    /**
     * It wants to be the active one.
     *
     * @param holder its name, for people
     */
    record Claim(String instance, long number, String holder) implements LeaseEntry {
        public Claim {
            requireText("instance", instance);
            requireText("holder", holder);
            requireNumber(number);
        }
    }

    /**
     * It is the active one, and lives.
     *
     * @param term offset of its claim
     * @param seen offset of the last record that it had read: it held the lease after that
     * @param holder its name, for people
     */
    record Heartbeat(String instance, long number, long term, long seen, String holder) implements LeaseEntry {
        public Heartbeat {
            requireText("instance", instance);
            requireText("holder", holder);
            requireNumber(number);
            requireTerm(term);
            if (seen < term) {
                throw new IllegalArgumentException("seen " + seen + ": expected the term, " + term + ", or more");
            }
        }
    }

    /**
     * It was the active one, and is no longer.
     *
     * @param term offset of its claim
     */
    record Resignation(String instance, long number, long term) implements LeaseEntry {
        public Resignation {
            requireText("instance", instance);
            requireNumber(number);
            requireTerm(term);
        }
    }

    private static void requireText(String name, String value) {
        if (value.isBlank() || value.length() > MOST_TEXT) {
            throw new IllegalArgumentException(
                    name + " of " + value.length() + " characters: expected 1 to " + MOST_TEXT + ", and not all blank");
        }
    }

    private static void requireNumber(long number) {
        if (number < 1) {
            throw new IllegalArgumentException("number " + number + ": expected 1 or more");
        }
    }

    private static void requireTerm(long term) {
        if (term < 0) {
            throw new IllegalArgumentException("term " + term + ": expected 0 or more");
        }
    }
}
