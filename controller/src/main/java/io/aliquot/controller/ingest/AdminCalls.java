package io.aliquot.controller.ingest;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.kafka.KafkaRefusal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;

/** An admin client whose calls share one deadline, and fail with what an operator can do. Any thread. */
final class AdminCalls implements AutoCloseable {
    /** For one request, and for closing. */
    static final int REQUEST_MS = 2000;

    private static final String START_IT =
            "start it or set --kafka HOST:PORT; one that wants TLS or a login needs --kafka-config FILE";

    private final Admin admin;
    private final KafkaAccess kafka;
    private final Duration timeout;
    private final long deadlineNs;

    private AdminCalls(Admin admin, KafkaAccess kafka, Duration timeout) {
        this.admin = admin;
        this.kafka = kafka;
        this.timeout = timeout;
        this.deadlineNs = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Makes the client; nothing is sent yet.
     *
     * @param timeout for all calls through {@link #get} together, from now on
     * @throws FatalFailure when the address can't be used
     */
    static AdminCalls connect(KafkaAccess kafka, Duration timeout) {
        Map<String, Object> properties = ClientProperties.common(kafka, "admin");
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
        try {
            return new AdminCalls(Admin.create(properties), kafka, timeout);
        } catch (KafkaException e) {
            throw explained(e, kafka, " can't be used: ", START_IT);
        }
    }

    Admin admin() {
        return admin;
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /**
     * Waits for an answer.
     *
     * @throws KafkaException when the broker said no
     * @throws FatalFailure when the broker can't be reached
     */
    <T> T get(KafkaFuture<T> future) throws InterruptedException {
        try {
            return future.get(Math.max(1, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw unreachable(e);
            }
            if (e.getCause() instanceof KafkaException cause) {
                throw cause;
            }
            throw new FatalFailure("broker " + kafka.bootstrapServers() + ": " + root(e), START_IT, e);
        } catch (TimeoutException e) {
            throw unreachable(e);
        }
    }

    /** What the broker said no to, for an operator. */
    FatalFailure refused(KafkaException error) {
        return explained(
                error, kafka, " refused to set up the topics: ", "let this user create, describe and alter topics");
    }

    private static FatalFailure explained(KafkaException error, KafkaAccess kafka, String otherwise, String fix) {
        return KafkaRefusal.of(error, kafka, "--controller USER")
                .map(refusal -> new FatalFailure(refusal.problem(), refusal.fix(), error))
                .orElseGet(() ->
                        new FatalFailure("broker " + kafka.bootstrapServers() + otherwise + root(error), fix, error));
    }

    private FatalFailure unreachable(Exception cause) {
        return new FatalFailure(
                "broker " + kafka.bootstrapServers() + " unreachable after " + timeout.toSeconds() + " s",
                START_IT,
                cause);
    }

    private static String root(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public void close() {
        admin.close(Duration.ofMillis(REQUEST_MS));
    }
}
