package io.aliquot.controller.recording;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.v1.RecordedTick;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A recording in a file: {@code AliquotRecording} and the version, one byte; then each tick as its length (four bytes, highest
 * first, above 0), the CRC-32C of its bytes (four) and its bytes, a {@code RecordedTick}; at the end a length of 0 and how many
 * ticks there were (eight).
 */
public final class RecordingFile implements Recording {
    static final byte[] MAGIC = "AliquotRecording".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;

    /** A longer record is a broken length. */
    private static final int MOST_BYTES = 1 << 30;

    private static final String AGAIN = "save it again with `aliquot replay --save`";

    private final Path file;
    private final long size;
    private final DataInputStream in;
    private long at;

    /** @throws FatalFailure when it is no recording that this version can read */
    public RecordingFile(Path file) {
        this.file = file;
        try {
            this.size = Files.size(file);
            this.in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
        } catch (IOException e) {
            throw new FatalFailure("file " + file + " can't be read: " + e, "name a file made by --save", e);
        }
        try {
            head();
        } catch (FatalFailure e) {
            close();
            throw e;
        }
    }

    private void head() {
        byte[] magic = bytes(MAGIC.length, "its beginning");
        if (!Arrays.equals(magic, MAGIC)) {
            throw new FatalFailure("file " + file + " is no recording", "name a file made by --save");
        }
        int version = bytes(1, "its version")[0];
        if (version != VERSION) {
            throw new FatalFailure(
                    "file " + file + " has version " + version + ": expected " + VERSION,
                    "replay it with the version of Aliquot that saved it");
        }
    }

    @Override
    public void read(Sink sink) {
        long count = 0;
        while (true) {
            String name = "tick " + (count + 1) + " at byte " + at;
            long length = number(4, name);
            if (length == 0) {
                end(count);
                return;
            }
            if (length > Math.min(MOST_BYTES, size - at)) {
                throw broken(name, "its length is " + length + " bytes, and " + (size - at) + " are left in the file");
            }
            sink.take(tick((int) length, name), (double) at / size);
            count++;
        }
    }

    private RecordedTick tick(int length, String name) {
        long expected = number(4, name);
        byte[] bytes = bytes(length, name);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        if (crc.getValue() != expected) {
            throw broken(name, "its checksum is %08x: expected %08x".formatted(crc.getValue(), expected));
        }
        try {
            return RecordedTick.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw broken(name, String.valueOf(e.getMessage()));
        }
    }

    private void end(long count) {
        long said = number(8, "its end at byte " + at);
        if (said != count) {
            throw broken("its end", count + " ticks were read: expected " + said);
        }
        if (at != size) {
            throw broken("its end at byte " + at, (size - at) + " bytes follow: expected none");
        }
    }

    private long number(int length, String what) {
        long value = 0;
        for (byte one : bytes(length, what)) {
            value = value << 8 | (one & 0xff);
        }
        return value;
    }

    private byte[] bytes(int length, String what) {
        byte[] bytes = new byte[length];
        try {
            in.readFully(bytes);
        } catch (EOFException e) {
            throw broken(what, "the file ends within it, at byte " + size);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
        at += length;
        return bytes;
    }

    private FatalFailure broken(String what, String why) {
        return new FatalFailure("file " + file + " is broken: " + what + ": " + why, AGAIN);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
