package io.aliquot.controller.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.v1.RecordedTick;
import io.aliquot.schema.v1.Tick;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingFileTest {
    private static final List<RecordedTick> TICKS = List.of(tick(1), tick(2), tick(3));

    @TempDir
    private Path dir;

    private Path file;

    @BeforeEach
    void write() {
        file = dir.resolve("a.replay");
        try (RecordingWriter writer = new RecordingWriter(file)) {
            TICKS.forEach(writer::write);
            writer.finish();
        }
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(read()).isEqualTo(TICKS);
        try (var files = Files.list(dir)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void everyFlippedBitIsAnErrorThatNamesTheFile() throws Exception {
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                Files.write(file, bad);
                assertThatThrownBy(this::read)
                        .as("byte " + at + " bit " + bit)
                        .isInstanceOf(FatalFailure.class)
                        .hasMessageContaining("a.replay");
            }
        }
    }

    @Test
    void everyTruncationAndWhatFollowsTheEndIsAnError() throws Exception {
        byte[] good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThatThrownBy(this::read).as("length " + length).isInstanceOf(FatalFailure.class);
        }
        Files.write(file, Arrays.copyOf(good, good.length + 1));
        assertThatThrownBy(this::read).hasMessageContaining("1 bytes follow: expected none");
    }

    @Test
    void anErrorNamesTheTickAndItsPlace() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        int second = 17 + 8 + TICKS.getFirst().getSerializedSize();
        bytes[second + 9] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(this::read)
                .hasMessageMatching("file .*a.replay is broken: tick 2 at byte " + second
                        + ": its checksum is [0-9a-f]{8}: expected [0-9a-f]{8}");
    }

    @Test
    void anUnfinishedFileNeverHasItsNameAndAnotherIsNotOverwritten() {
        Path other = dir.resolve("b.replay");
        try (RecordingWriter writer = new RecordingWriter(other)) {
            writer.write(tick(1));
        }
        assertThat(other).doesNotExist();
        assertThat(dir.resolve("b.replay.part")).doesNotExist();
        assertThatThrownBy(() -> new RecordingWriter(file))
                .isInstanceOf(FatalFailure.class)
                .hasMessageContaining("is there already");
    }

    @Test
    void refusesAFileOfAnotherKindOrVersion() throws Exception {
        Files.writeString(file, "{\"this\":\"is something else altogether\"}");
        assertThatThrownBy(this::read).hasMessageContaining("is no recording");
        byte[] later = Arrays.copyOf(RecordingFile.MAGIC, RecordingFile.MAGIC.length + 1);
        later[RecordingFile.MAGIC.length] = 9;
        Files.write(file, later);
        assertThatThrownBy(this::read).hasMessageContaining("has version 9: expected 1");
    }

    private List<RecordedTick> read() {
        List<RecordedTick> ticks = new ArrayList<>();
        try (RecordingFile recording = new RecordingFile(file)) {
            recording.read((tick, done) -> ticks.add(tick));
        }
        return ticks;
    }

    private static RecordedTick tick(int number) {
        return RecordedTick.newBuilder()
                .setTick(Tick.newBuilder().setNumber(number).setTerm(5))
                .addReports(ByteString.copyFromUtf8("report " + number))
                .build();
    }
}
