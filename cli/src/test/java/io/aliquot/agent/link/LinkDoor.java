package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import java.util.List;
import java.util.Optional;

/** The pure parts of the agent's link, for the simulation. */
public final class LinkDoor {
    private LinkDoor() {}

    /** @throws IllegalArgumentException for what is no decision */
    public static Decision decode(byte[] bytes) {
        try {
            return DecisionCodec.decode(bytes);
        } catch (MalformedException malformed) {
            throw new IllegalArgumentException(malformed.getMessage(), malformed);
        }
    }

    /** The one decision that an agent takes of those that are in the log when it starts. */
    public static Optional<Decision> newest(List<Decision> log) {
        CatchUp before = new CatchUp();
        log.forEach(before::add);
        return before.newest();
    }

    /** As an agent keeps it over a restart. */
    public static byte[] kept(Decision decision) {
        return DecisionCodec.encode(decision);
    }

    /** @throws IllegalArgumentException for what is no kept decision */
    public static Decision restored(byte[] bytes) {
        return decode(bytes);
    }
}
