package io.aliquot.agent.link;

import io.aliquot.agent.model.Decision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the last accepted decision in a file, for a start without a broker. Writing happens on a thread of its own,
 * "aliquot-store": a disk never delays a decision. The file is replaced whole, and is on the disk before it is.
 */
public final class DecisionStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionStore.class);

    private final Path file;
    private final Path spare;
    private final NewestSlot<Decision> slot = new NewestSlot<>();
    private final Thread thread;
    private boolean troubled;

    private DecisionStore(Path folder) {
        this.file = folder.resolve("decision.pb");
        this.spare = folder.resolve("decision.pb.new");
        this.thread = Thread.ofPlatform().name("aliquot-store").daemon().unstarted(this::run);
    }

    /** @param folder exists and may be written */
    public static DecisionStore open(Path folder) {
        DecisionStore store = new DecisionStore(folder);
        store.thread.start();
        return store;
    }

    /** @return the last decision; nothing when there is none, or when the file can't be read (it is then moved aside) */
    public Optional<Decision> load() {
        try {
            return Optional.of(DecisionCodec.decode(Files.readAllBytes(file)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (MalformedException | IOException unreadable) {
            LOG.error("the last decision in {} can't be used ({}); it is moved aside", file, unreadable.getMessage());
            moveAside();
            return Optional.empty();
        }
    }

    private void moveAside() {
        try {
            Files.move(file, file.resolveSibling("decision.pb.bad"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unable) {
            LOG.error("{} can't be moved: {}", file, unable.getMessage());
        }
    }

    /** Hands the decision over to be written; never waits. */
    public void save(Decision decision) {
        slot.offer(decision);
    }

    private void run() {
        try {
            for (Optional<Decision> next = slot.take(); next.isPresent(); next = slot.take()) {
                write(next.get());
            }
        } catch (InterruptedException unexpected) {
            LOG.error("interrupted; decisions are no longer kept in {}", file);
        }
    }

    private void write(Decision decision) {
        try {
            try (FileChannel channel = FileChannel.open(
                    spare, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(DecisionCodec.encode(decision));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(spare, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder();
            troubled = false;
        } catch (IOException unable) {
            if (!troubled) {
                troubled = true;
                LOG.error("the last decision can't be kept in {}: {}", file, unable.toString());
            }
        }
    }

    private void syncFolder() throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Writes what is still waiting, and ends the thread. */
    @Override
    public void close() {
        slot.close();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
