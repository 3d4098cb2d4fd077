package io.aliquot.controller.recording;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.v1.RecordedTick;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes a {@link RecordingFile}. The file has its name once it is whole. One thread. */
public final class RecordingWriter implements AutoCloseable {
    private final Path file;
    private final Path part;
    private final DataOutputStream out;
    private long count;

    /** @throws FatalFailure when the file is there already, or can't be written */
    public RecordingWriter(Path file) {
        this.file = file;
        this.part = file.resolveSibling(file.getFileName() + ".part");
        if (Files.exists(file)) {
            throw new FatalFailure("file " + file + " is there already", "give another name to --save, or remove it");
        }
        try {
            out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(
                    part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)));
            out.write(RecordingFile.MAGIC);
            out.writeByte(RecordingFile.VERSION);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Writes the next tick. */
    public void write(RecordedTick tick) {
        byte[] bytes = tick.toByteArray();
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        try {
            out.writeInt(bytes.length);
            out.writeInt((int) crc.getValue());
            out.write(bytes);
        } catch (IOException e) {
            throw unwritable(e);
        }
        count++;
    }

    /** All ticks are written: ends the file and gives it its name. */
    public void finish() {
        try {
            out.writeInt(0);
            out.writeLong(count);
            out.close();
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private FatalFailure unwritable(IOException e) {
        return new FatalFailure(
                "file " + file + " can't be written: " + e, "give --save a file in a folder of yours", e);
    }

    /** Removes what is not finished. */
    @Override
    public void close() {
        try {
            out.close();
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }
}
