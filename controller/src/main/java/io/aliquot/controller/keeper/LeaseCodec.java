package io.aliquot.controller.keeper;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.lease.LeaseEntry;
import io.aliquot.schema.v1.LeaseKind;
import io.aliquot.schema.v1.LeaseRecord;
import org.jspecify.annotations.Nullable;

/** What controllers say about the lease to the records of its topic, and back. Pure. */
final class LeaseCodec {
    private LeaseCodec() {}

    /** @param nowUnixMs for people */
    static byte[] encode(LeaseEntry entry, String holder, long nowUnixMs) {
        LeaseRecord.Builder record = LeaseRecord.newBuilder()
                .setHolder(holder)
                .setSaidAtUnixMs(nowUnixMs)
                .setInstance(entry.instance())
                .setNumber(entry.number());
        switch (entry) {
            case LeaseEntry.Claim claim -> record.setKind(LeaseKind.LEASE_KIND_CLAIM);
            case LeaseEntry.Heartbeat heartbeat ->
                record.setKind(LeaseKind.LEASE_KIND_HEARTBEAT)
                        .setTerm(heartbeat.term())
                        .setSeen(heartbeat.seen());
            case LeaseEntry.Resignation gone ->
                record.setKind(LeaseKind.LEASE_KIND_RESIGNATION).setTerm(gone.term());
        }
        return record.build().toByteArray();
    }

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    static LeaseEntry decode(byte @Nullable [] value) {
        if (value == null) {
            throw new IllegalArgumentException("it has no value");
        }
        LeaseRecord record = parsed(value);
        String instance = record.getInstance();
        long number = record.getNumber();
        return switch (record.getKind()) {
            case LEASE_KIND_CLAIM -> new LeaseEntry.Claim(instance, number, record.getHolder());
            case LEASE_KIND_HEARTBEAT ->
                new LeaseEntry.Heartbeat(instance, number, record.getTerm(), record.getSeen(), record.getHolder());
            case LEASE_KIND_RESIGNATION -> new LeaseEntry.Resignation(instance, number, record.getTerm());
            case LEASE_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("kind " + record.getKindValue() + " is not known to this version");
        };
    }

    private static LeaseRecord parsed(byte[] value) {
        try {
            return LeaseRecord.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
