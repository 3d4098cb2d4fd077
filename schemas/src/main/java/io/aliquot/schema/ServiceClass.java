package io.aliquot.schema;

import java.util.Arrays;
import java.util.Optional;

/** The classes of service_class.proto, for those who see no message: by their numbers, and by the words that people use. */
public enum ServiceClass {
    STANDARD(0, "standard"),
    LATENCY_CRITICAL(1, "latency-critical"),
    BEST_EFFORT(2, "best-effort");

    /** What is right, for whoever gave another word. */
    public static final String WORDS = "standard, latency-critical or best-effort";

    private final int number;
    private final String word;

    ServiceClass(int number, String word) {
        this.number = number;
        this.word = word;
    }

    /** As messages have it. */
    public int number() {
        return number;
    }

    /** Who goes first where not all can: the lower rank, from 0. */
    public int rank() {
        return switch (this) {
            case LATENCY_CRITICAL -> 0;
            case STANDARD -> 1;
            case BEST_EFFORT -> 2;
        };
    }

    /** As people write it. */
    public String word() {
        return word;
    }

    /** @return nothing for a number that this build does not know */
    public static Optional<ServiceClass> ofNumber(int number) {
        return Arrays.stream(values()).filter(c -> c.number == number).findFirst();
    }

    /** @return nothing for another word */
    public static Optional<ServiceClass> ofWord(String word) {
        return Arrays.stream(values()).filter(c -> c.word.equals(word)).findFirst();
    }
}
