package io.aliquot.controller.keeper;

import io.aliquot.controller.lease.LeaseEntry;
import org.jspecify.annotations.Nullable;

/** The codec of the lease, for the simulation and the fuzzer. */
public final class KeeperDoor {
    private KeeperDoor() {}

    public static byte[] encode(LeaseEntry entry, String holder, long nowUnixMs) {
        return LeaseCodec.encode(entry, holder, nowUnixMs);
    }

    /** @throws IllegalArgumentException for what is no lease record */
    public static LeaseEntry decode(byte @Nullable [] value) {
        return LeaseCodec.decode(value);
    }
}
