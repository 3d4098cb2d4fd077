package io.aliquot.controller.ingest;

import java.util.OptionalInt;

/**
 * On how many brokers a topic is that is created; what is there already is the operator's.
 *
 * @param replicas 1 to 32767; empty: 3, or as many as there are brokers
 * @param minInSync how many must have a record before it counts as written, 1 to {@code replicas}; empty: 2 when there are 3
 *     replicas or more, otherwise the broker's default
 */
public record Replication(OptionalInt replicas, OptionalInt minInSync) {
    /** Nothing said. */
    public static final Replication DEFAULT = new Replication(OptionalInt.empty(), OptionalInt.empty());

    private static final int USUAL_REPLICAS = 3;

    /** @throws IllegalArgumentException when a number is out of range */
    public Replication {
        replicas.ifPresent(number -> require("replicas", number, Short.MAX_VALUE));
        minInSync.ifPresent(number -> require("min in-sync replicas", number, replicas.orElse(USUAL_REPLICAS)));
    }

    short replicasOn(int brokers) {
        return (short) replicas.orElse(Math.min(USUAL_REPLICAS, brokers));
    }

    OptionalInt minInSyncOn(int brokers) {
        return minInSync.isEmpty() && replicasOn(brokers) >= USUAL_REPLICAS ? OptionalInt.of(2) : minInSync;
    }

    private static void require(String what, int number, int most) {
        if (number < 1 || number > most) {
            throw new IllegalArgumentException(what + " " + number + ": expected 1 to " + most);
        }
    }
}
