package io.aliquot.controller.ledger;

import io.aliquot.controller.lease.LeaseLost;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.controller.state.Ruled;
import io.aliquot.controller.state.Ruling;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of quotas and audits. All of it goes through one transactional id, so the broker itself refuses every
 * controller but the newest. One thread; {@link #close} from any.
 */
public final class QuotaLedger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaLedger.class);
    private static final String TRANSACTIONAL_ID = "aliquot-controller";
    private static final Duration BLOCK = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final Producer<String, byte[]> producer;
    private final String requestTopicId;
    private volatile boolean closed;

    /** @param requestTopicId id of today's request topic, noted in each audit */
    public QuotaLedger(KafkaAccess kafka, String requestTopicId) {
        this.requestTopicId = requestTopicId;
        Map<String, Object> properties = kafka.client();
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "aliquot-controller-ledger");
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 2 * (int) BLOCK.toMillis());
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK.toMillis());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) BLOCK.toMillis() / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) BLOCK.toMillis());
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Shuts out every earlier controller, and returns when nothing of theirs is under way any more.
     *
     * @throws LeaseLost when another controller did the same since
     * @throws KafkaException when the broker does not answer within ten seconds, or refuses
     */
    public void open() {
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            throw isFenced(e) ? fenced(e) : e;
        }
    }

    /**
     * Writes quotas and audits in one transaction, and returns when it is committed. While the broker is away it goes on
     * trying.
     *
     * @param ruled requests with their answers, in the order of their offsets
     * @return false when the ledger was closed before it was done; then nobody knows whether it was written, and the next
     *     controller finds out from the audit
     * @throws LeaseLost when another controller took over
     */
    public boolean commit(List<Ruled> ruled, long nowUnixMs) {
        while (!closed) {
            try {
                producer.beginTransaction();
                ruled.forEach(one -> write(one, nowUnixMs));
                return commitUntilKnown();
            } catch (KafkaException e) {
                if (closed) {
                    return false;
                }
                if (isFenced(e)) {
                    throw fenced(e);
                }
                LOG.warn("quota transaction: {}: trying again", e.getMessage());
                abort(e);
            }
        }
        return false;
    }

    private void write(Ruled ruled, long nowUnixMs) {
        String tenant = ToProto.clipped(ruled.request().tenant());
        switch (ruled.ruling()) {
            case Ruling.Accepted(var quota) ->
                producer.send(new ProducerRecord<>(
                        Topics.TENANT_QUOTA, tenant, ToProto.quota(quota).toByteArray()));
            case Ruling.Removed(var name) -> producer.send(new ProducerRecord<>(Topics.TENANT_QUOTA, name, null));
            case Ruling.Refused(var reason) -> {
                // Only the audit tells of it.
            }
        }
        byte[] audit = ToProto.audit(ruled, requestTopicId, nowUnixMs).toByteArray();
        producer.send(new ProducerRecord<>(Topics.QUOTA_AUDIT, tenant, audit));
    }

    /** A commit that timed out may have happened: only asking again tells. */
    private boolean commitUntilKnown() {
        while (!closed) {
            try {
                producer.commitTransaction();
                return true;
            } catch (TimeoutException | InterruptException e) {
                LOG.warn("quota transaction not committed yet: {}", e.getMessage());
            }
        }
        return false;
    }

    private void abort(KafkaException cause) {
        while (!closed) {
            try {
                producer.abortTransaction();
                Thread.sleep(RETRY);
                return;
            } catch (TimeoutException | InterruptException e) {
                LOG.warn("quota transaction not aborted yet: {}", e.getMessage());
            } catch (KafkaException e) {
                throw isFenced(e) ? fenced(e) : broken(cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean isFenced(Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof ProducerFencedException
                    || e instanceof InvalidProducerEpochException
                    || e instanceof InvalidTxnStateException) {
                return true;
            }
        }
        return false;
    }

    private static LeaseLost fenced(Throwable cause) {
        return new LeaseLost("the broker refuses its transactions: another controller took over", cause);
    }

    private static FatalFailure broken(Throwable cause) {
        return new FatalFailure(
                "the quota ledger can't write: " + cause.getMessage(),
                "start the controller again; no accepted quota is lost",
                cause);
    }

    @Override
    public void close() {
        closed = true;
        producer.close(CLOSE);
    }
}
