package io.aliquot.cli.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker, its own KRaft controller included, in this process, on the loopback address alone.
 *
 * <p>Kafka gives no public API for this; this class is the only one that knows its insides. The folder is formatted once
 * and keeps its records across restarts, also when the port changes. Starting takes two to three seconds and blocks the
 * caller; {@link #close()} blocks until the log is flushed. Any thread may call, one at a time.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;
    /** Between finding a free port and binding it another process may take it. */
    private static final int FREE_PORT_ATTEMPTS = 3;

    private final KafkaRaftServer server;
    private final FileChannel lock;
    private final int port;
    private boolean closed;

    private EmbeddedBroker(KafkaRaftServer server, FileChannel lock, int port) {
        this.server = server;
        this.lock = lock;
        this.port = port;
    }

    /**
     * Starts a broker and returns when it serves.
     *
     * @param dir where its records live; made and formatted when it is new
     * @param port to listen on; 0: any free one
     * @throws BrokerException when the port is taken, or the folder can't be used or belongs to another broker
     */
    public static EmbeddedBroker start(Path dir, int port) throws BrokerException {
        return start(dir, port, BrokerAccess.OPEN);
    }

    /** Starts a broker as above, with a say in who may come. */
    public static EmbeddedBroker start(Path dir, int port, BrokerAccess access) throws BrokerException {
        if (port < 0 || port > 65535) {
            throw new BrokerException("Kafka port " + port + " is not a port", "give one from 1 to 65535", null);
        }
        for (int attempt = 1; ; attempt++) {
            int chosen = port == 0 ? freePort() : checkFree(port);
            try {
                return start(dir, chosen, freePort(), access);
            } catch (BrokerException e) {
                if (port != 0 || attempt == FREE_PORT_ATTEMPTS || isFree(chosen)) {
                    throw e;
                }
            }
        }
    }

    private static EmbeddedBroker start(Path dir, int port, int controllerPort, BrokerAccess access)
            throws BrokerException {
        FileChannel lock = lock(dir);
        try {
            Path log = dir.toAbsolutePath();
            KafkaConfig config = new KafkaConfig(properties(log, port, controllerPort, access), false);
            if (!Files.exists(log.resolve("meta.properties"))) {
                format(log, access);
            }
            KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
            server.startup(); // shuts itself down when it fails
            return new EmbeddedBroker(server, lock, port);
        } catch (Exception e) {
            release(lock);
            throw new BrokerException(
                    "the broker did not start on port " + port + " with its records in " + dir + ": " + rootOf(e),
                    "check that the folder can be written and holds no other Kafka's records",
                    e);
        }
    }

    /** One broker a folder. Kafka has a lock of its own, but the broker that meets it harms the one that holds it. */
    private static FileChannel lock(Path dir) throws BrokerException {
        try {
            Path file = Files.createDirectories(dir).resolve("broker.lock");
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            throw new BrokerException(
                    "the broker can't use the folder " + dir + ": " + rootOf(e),
                    "give a folder that this user may write, with --state",
                    e);
        }
        throw new BrokerException(
                "another broker runs with its records in " + dir, "stop it, or give another folder with --state", null);
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) { // held by this very process
            return false;
        }
    }

    private static void release(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Host:port for Kafka clients. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Stops serving and flushes the log; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.shutdown();
        server.awaitShutdown();
        release(lock);
    }

    private static void format(Path log, BrokerAccess access) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(NODE_ID)
                .setControllerListenerName("CONTROLLER")
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setScramArguments(access.scramUsers())
                .setMetadataLogDirectory(log.toString())
                .addDirectory(log.toString())
                .run();
    }

    private static Map<String, String> properties(Path log, int port, int controllerPort, BrokerAccess access) {
        Map<String, String> p = new HashMap<>();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(NODE_ID));
        p.put("log.dirs", log.toString());
        p.put(
                "listeners",
                access.protocol() + "://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        p.put("controller.listener.names", "CONTROLLER");
        p.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT," + access.protocol() + ":" + access.protocol());
        p.put("security.inter.broker.protocol", access.protocol());
        p.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        // A single broker: nothing to replicate to, nobody to wait for.
        p.put("offsets.topic.replication.factor", "1");
        p.put("offsets.topic.num.partitions", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("transaction.state.log.num.partitions", "1");
        p.put("share.coordinator.state.topic.replication.factor", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("auto.create.topics.enable", "false");
        // Small: a few topics with few keys, beside everything else in one process.
        p.put("num.network.threads", "2");
        p.put("num.io.threads", "2");
        p.put("background.threads", "2");
        p.put("num.recovery.threads.per.data.dir", "1");
        p.put("log.cleaner.dedupe.buffer.size", "2097152");
        p.putAll(access.properties());
        return p;
    }

    private static int checkFree(int port) throws BrokerException {
        if (!isFree(port)) {
            throw new BrokerException(
                    "Kafka port " + port + " on " + HOST + " is taken",
                    "stop what listens there, or choose another with --kafka-port (0: any free one)",
                    null);
        }
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            // As Kafka binds: a port whose last connections still linger is free.
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws BrokerException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new BrokerException("no free port on " + HOST + ": " + e.getMessage(), "free some ports", e);
        }
    }

    private static String rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
