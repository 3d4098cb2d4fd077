package io.aliquot.controller.ingest;

import io.aliquot.controller.fairshare.InvalidPolicyException;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.controller.state.Quota;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.QuotaAudit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What earlier controllers left in Kafka: the quotas in force, and up to where requests were answered. Read before anything is
 * decided, and after the term is claimed, so that no other controller writes any more. One thread.
 */
public final class History implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FETCH_WAIT_MS = 10;
    private static final long FIRST_WINDOW = 64;

    private final org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer;
    private final MalformedRecords malformed;
    private long nextQuota;

    public History(KafkaAccess kafka, MalformedRecords malformed) {
        this.consumer = ClientProperties.consumer(kafka, "history", "earliest", FETCH_WAIT_MS);
        this.malformed = malformed;
    }

    /**
     * The quotas in force; no nodes. On the way through a compacted topic a tenant may come before its parent, so the tree is
     * made at the end.
     */
    public ClusterState quotas() {
        SortedMap<String, Quota> quotas = new TreeMap<>();
        TopicPartition partition = new TopicPartition(Topics.TENANT_QUOTA, 0);
        read(partition, 0, end(partition), record -> replay(record, quotas));
        nextQuota = consumer.position(partition);
        return state(quotas);
    }

    /** The first record of the quota topic that is not in {@link #quotas}. */
    public long nextQuota() {
        return nextQuota;
    }

    /** These quotas, and no nodes; a quota that makes no tree with the others is left out. */
    public static ClusterState state(SortedMap<String, Quota> quotas) {
        try {
            return ClusterState.of(quotas);
        } catch (InvalidPolicyException e) {
            return soundPart(quotas);
        }
    }

    /**
     * The first request that was not answered: the one after the last that was audited. Every answer is audited in the
     * transaction that applied it, so a request is neither lost nor applied twice.
     *
     * @param requestTopicId id of today's request topic; offsets of an earlier one mean nothing
     */
    public long firstUnansweredRequest(String requestTopicId) {
        TopicPartition partition = new TopicPartition(Topics.QUOTA_AUDIT, 0);
        long end = end(partition);
        long begin = consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
        long window = FIRST_WINDOW;
        while (true) {
            long from = Math.max(begin, end - window);
            Optional<QuotaAudit> last = lastAudit(partition, from, end);
            if (last.isPresent()) {
                return after(last.get(), requestTopicId);
            }
            if (from == begin) {
                return 0;
            }
            window *= 2;
        }
    }

    /** The first request that this audit leaves unanswered. */
    static long after(QuotaAudit last, String requestTopicId) {
        return last.getRequestTopicId().equals(requestTopicId) ? last.getRequestOffset() + 1 : 0;
    }

    private Optional<QuotaAudit> lastAudit(TopicPartition partition, long from, long end) {
        QuotaAudit[] last = {null};
        read(partition, from, end, record -> last[0] = FromProto.audit(PolledReader.value(record)));
        return Optional.ofNullable(last[0]);
    }

    /**
     * Takes a record of the quota topic.
     *
     * @throws IllegalArgumentException when it can't be read
     */
    static void replay(ConsumerRecord<String, byte[]> record, SortedMap<String, Quota> quotas) {
        if (record.key() == null) {
            throw new IllegalArgumentException("it has no key");
        }
        if (record.value() == null) {
            quotas.remove(record.key());
        } else {
            Quota quota = FromProto.quota(record.key(), record.value());
            quotas.put(quota.tenant(), quota);
        }
    }

    /** What a controller wrote makes a tree; what somebody else wrote between may not, and must not keep this one from starting. */
    private static ClusterState soundPart(SortedMap<String, Quota> quotas) {
        ClusterState state = ClusterState.EMPTY;
        for (Quota quota : quotas.values()) { // a parent sorts before what is in it
            try {
                state = state.apply(new ClusterEvent.QuotaChanged(quota));
            } catch (InvalidPolicyException e) {
                LOG.error("left out the quota of '{}': {}; set it again", quota.tenant(), e.getMessage());
            }
        }
        return state;
    }

    private long end(TopicPartition partition) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(Set.of(partition));
        return ends.getOrDefault(partition, 0L);
    }

    private void read(TopicPartition partition, long from, long end, Consumer<ConsumerRecord<String, byte[]>> sink) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        long lastProgress = System.nanoTime();
        while (consumer.position(partition) < end) {
            long before = consumer.position(partition);
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                try {
                    sink.accept(record);
                } catch (IllegalArgumentException e) {
                    malformed.skipped(record, e);
                }
            }
            if (consumer.position(partition) > before) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new FatalFailure(
                        "topic " + partition.topic() + " gave nothing for " + PATIENCE.toSeconds() + " s at offset "
                                + before + " of " + end,
                        "check that the broker is up and that this user may read the topic");
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
