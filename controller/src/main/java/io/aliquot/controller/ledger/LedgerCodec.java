package io.aliquot.controller.ledger;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.account.ByteTime;
import io.aliquot.controller.account.GpuHour;
import io.aliquot.controller.account.GpuTime;
import io.aliquot.controller.account.NodeMark;
import io.aliquot.controller.account.TenantTime;
import io.aliquot.schema.v1.LedgerEntry;
import io.aliquot.schema.v1.LedgerMark;
import io.aliquot.schema.v1.LedgerPosition;
import io.aliquot.schema.v1.LedgerTenant;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Entries, marks and the position to the records of the ledger topic, and back. Pure. */
final class LedgerCodec {
    /** The key of the position. */
    static final String POSITION = "position";

    static final String ENTRIES = "entry/";
    static final String MARKS = "node/";

    /** The end of the year 9999. */
    private static final long MOST_MICROS = 253_402_300_800_000_000L;

    private static final long MOST_HOUR = MOST_MICROS / 3_600_000_000L;
    private static final int MOST_TEXT = 255;

    private LedgerCodec() {}

    static String key(GpuHour name) {
        return ENTRIES + name.hour() + "/" + escaped(name.node()) + "/" + escaped(name.gpu());
    }

    static String key(String node) {
        return MARKS + escaped(node);
    }

    static byte[] entry(GpuHour name, GpuTime time) {
        LedgerEntry.Builder entry = LedgerEntry.newBuilder()
                .setHour(name.hour())
                .setNode(name.node())
                .setGpuUuid(name.gpu())
                .setWallNs(time.wallNs())
                .setIdleNs(time.idleNs())
                .setUnobservedNs(time.unobservedNs())
                .setSimulated(time.simulated());
        time.tenants().forEach((tenant, used) -> entry.addTenants(tenant(tenant, used)));
        return entry.build().toByteArray();
    }

    static byte[] mark(String node, NodeMark mark) {
        return LedgerMark.newBuilder()
                .setNode(node)
                .setSequence(mark.sequence())
                .setSaidUnixUs(mark.saidMicros())
                .setEndUnixUs(mark.endMicros())
                .build()
                .toByteArray();
    }

    static byte[] place(LedgerPlace place) {
        return LedgerPosition.newBuilder()
                .setTelemetryTopicId(place.topicId())
                .putAllNextOffsets(place.nextOffsets())
                .setMissedRecords(place.missedRecords())
                .setUntilUnixMs(place.untilUnixMs())
                .build()
                .toByteArray();
    }

    /** @throws IllegalArgumentException when the bytes or a value in them are wrong */
    static LedgerEntry entry(byte[] bytes) {
        return parsed(() -> LedgerEntry.parseFrom(bytes));
    }

    /** @param shared gives one and the same text for equal names */
    static GpuHour name(LedgerEntry entry, UnaryOperator<String> shared) {
        requireTime("hour", entry.getHour(), MOST_HOUR);
        requireText("node", entry.getNode());
        requireText("GPU uuid", entry.getGpuUuid());
        return new GpuHour(entry.getHour(), shared.apply(entry.getNode()), shared.apply(entry.getGpuUuid()));
    }

    /**
     * @param shared gives one and the same text for equal names
     * @throws IllegalArgumentException when it does not balance
     */
    static GpuTime time(LedgerEntry entry, UnaryOperator<String> shared) {
        SortedMap<String, TenantTime> tenants = new TreeMap<>();
        for (LedgerTenant tenant : entry.getTenantsList()) {
            requireText("tenant", tenant.getTenant());
            tenants.put(
                    shared.apply(tenant.getTenant()),
                    new TenantTime(
                            tenant.getUsedNs(),
                            tenant.getGuaranteedNs(),
                            tenant.getLentNs(),
                            tenant.getBorrowedNs(),
                            tenant.getWaitingNs(),
                            new ByteTime(tenant.getMemoryByteSeconds(), tenant.getMemoryRestByteMicros())));
        }
        try {
            return new GpuTime(
                    entry.getWallNs(), entry.getIdleNs(), entry.getUnobservedNs(), entry.getSimulated(), tenants);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("times of the tenants: expected a sum within an hour", e);
        }
    }

    /** @throws IllegalArgumentException when the bytes are no mark, or a time in it is none */
    static LedgerMark mark(byte[] bytes) {
        LedgerMark mark = parsed(() -> LedgerMark.parseFrom(bytes));
        requireText("node", mark.getNode());
        requireTime("said_unix_us", mark.getSaidUnixUs(), MOST_MICROS);
        requireTime("end_unix_us", mark.getEndUnixUs(), MOST_MICROS);
        return mark;
    }

    private static void requireTime(String what, long value, long most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(what + " " + value + ": expected 0 to " + most);
        }
    }

    private static void requireText(String what, String text) {
        if (text.isEmpty() || text.length() > MOST_TEXT) {
            throw new IllegalArgumentException(
                    what + " of " + text.length() + " characters: expected 1 to " + MOST_TEXT);
        }
    }

    static NodeMark mark(LedgerMark mark) {
        return new NodeMark(mark.getSequence(), mark.getSaidUnixUs(), mark.getEndUnixUs());
    }

    /** @throws IllegalArgumentException when the bytes are no position */
    static LedgerPlace place(byte[] bytes) {
        LedgerPosition position = parsed(() -> LedgerPosition.parseFrom(bytes));
        return new LedgerPlace(
                position.getTelemetryTopicId(),
                position.getNextOffsetsMap(),
                position.getMissedRecords(),
                position.getUntilUnixMs());
    }

    private static LedgerTenant tenant(String name, TenantTime time) {
        return LedgerTenant.newBuilder()
                .setTenant(name)
                .setUsedNs(time.usedNs())
                .setGuaranteedNs(time.guaranteedNs())
                .setLentNs(time.lentNs())
                .setBorrowedNs(time.borrowedNs())
                .setWaitingNs(time.waitingNs())
                .setMemoryByteSeconds(time.memory().byteSeconds())
                .setMemoryRestByteMicros(time.memory().restByteMicros())
                .build();
    }

    private static String escaped(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private static <T> T parsed(Parse<T> parse) {
        try {
            return parse.get();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private interface Parse<T> {
        T get() throws InvalidProtocolBufferException;
    }
}
