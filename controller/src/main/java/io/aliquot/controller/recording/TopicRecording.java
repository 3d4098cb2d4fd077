package io.aliquot.controller.recording;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.QuotasInForce;
import io.aliquot.schema.v1.RecordedTick;
import io.aliquot.schema.v1.SkippedRecords;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.Tick;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recording as the topics have it. Journal, audits and the decisions that belong to it are held in memory; telemetry is read
 * as it is replayed.
 */
public final class TopicRecording implements Recording {
    private static final Logger LOG = LoggerFactory.getLogger(TopicRecording.class);

    private final KafkaAccess kafka;
    private final Map<TopicPartition, PartitionCursor> cursors = new HashMap<>();

    private record Term(String leaseTopicId, long number) {}

    private record Sequence(Term term, long number) {}

    /** Opens it; nothing is read yet. */
    public TopicRecording(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    @Override
    public void read(Sink sink) {
        Map<Term, List<Tick>> terms = journal();
        QuotaTimeline quotas = quotas();
        Map<Sequence, ByteString> decisions = decisions(terms);
        long all = terms.values().stream().mapToLong(List::size).sum();
        long done = 0;
        for (Map.Entry<Term, List<Tick>> term : terms.entrySet()) {
            @Nullable Tick before = null;
            for (Tick tick : term.getValue()) {
                RecordedTick.Builder recorded = RecordedTick.newBuilder().setTick(tick);
                addQuotas(recorded, quotas, before, tick);
                if (before != null) {
                    addReports(recorded, before, tick);
                }
                for (int i = 0; i < tick.getDecisions(); i++) {
                    ByteString decision = decisions.get(new Sequence(term.getKey(), tick.getFirstSequence() + i));
                    if (decision != null) {
                        recorded.addDecisions(decision);
                    }
                }
                sink.take(recorded.build(), (double) ++done / all);
                before = tick;
            }
        }
    }

    private Map<Term, List<Tick>> journal() {
        Map<Term, List<Tick>> terms = new LinkedHashMap<>();
        WholeTopic.each(kafka, Topics.TICK, 0, record -> {
            Tick tick = parsed(record, Tick::parseFrom);
            terms.computeIfAbsent(new Term(tick.getLeaseTopicId(), tick.getTerm()), term -> new ArrayList<>())
                    .add(tick);
        });
        if (terms.isEmpty()) {
            throw new FatalFailure(
                    "topic " + Topics.TICK + " at " + kafka.bootstrapServers() + " holds no tick",
                    "let a controller of this version run there; what is older than the topic's retention is gone");
        }
        terms.values().forEach(ticks -> ticks.sort(Comparator.comparingLong(Tick::getNumber)));
        return terms;
    }

    /** Today's before the audits: what is changed in between is taken back rightly. */
    private QuotaTimeline quotas() {
        SortedMap<String, TenantQuota> today = new TreeMap<>();
        WholeTopic.each(kafka, Topics.TENANT_QUOTA, 0, record -> put(today, record));
        List<QuotaAudit> audits = new ArrayList<>();
        WholeTopic.each(kafka, Topics.QUOTA_AUDIT, 0, record -> audits.add(parsed(record, QuotaAudit::parseFrom)));
        return new QuotaTimeline(today, audits);
    }

    private static void put(SortedMap<String, TenantQuota> today, ConsumerRecord<String, byte[]> record) {
        if (record.key() == null) {
            return; // the controller skips it, too
        }
        if (record.value() == null) {
            today.remove(record.key());
            return;
        }
        try {
            today.put(record.key(), TenantQuota.parseFrom(record.value()));
        } catch (InvalidProtocolBufferException e) {
            LOG.debug("skipped offset {} of {}, as the controller does", record.offset(), record.topic());
        }
    }

    private Map<Sequence, ByteString> decisions(Map<Term, List<Tick>> terms) {
        Map<Sequence, ByteString> decisions = new HashMap<>();
        long since = terms.values().stream()
                .mapToLong(ticks -> ticks.getFirst().getDecidedAtUnixMs())
                .min()
                .orElse(0);
        WholeTopic.each(kafka, Topics.DECISION, since, record -> {
            if (record.value() == null) {
                return;
            }
            var fence = parsed(record, Decision::parseFrom).getFence();
            Term term = new Term(fence.getLeaseTopicId(), fence.getTerm());
            List<Tick> ticks = terms.get(term);
            if (ticks != null && fence.getSequence() >= ticks.getFirst().getFirstSequence()) {
                decisions.put(new Sequence(term, fence.getSequence()), UnsafeByteOperations.unsafeWrap(record.value()));
            }
        });
        return decisions;
    }

    private static void addQuotas(
            RecordedTick.Builder recorded, QuotaTimeline quotas, @Nullable Tick before, Tick tick) {
        String topicId = tick.getRequestTopicId();
        long next = tick.getInputOffsetsOrDefault(Topics.QUOTA_REQUEST, 0);
        if (before == null) {
            recorded.setQuotas(QuotasInForce.newBuilder()
                    .addAllQuotas(quotas.before(topicId, next, tick.getDecidedAtUnixMs())
                            .values()));
        } else {
            long from = before.getInputOffsetsOrDefault(Topics.QUOTA_REQUEST, 0);
            recorded.addAllChanges(quotas.between(topicId, from, next));
        }
    }

    private void addReports(RecordedTick.Builder recorded, Tick before, Tick tick) {
        for (Map.Entry<String, Long> offset : new TreeMap<>(tick.getInputOffsetsMap()).entrySet()) {
            String name = offset.getKey();
            long to = offset.getValue();
            long from = before.getInputOffsetsOrDefault(name, to);
            if (!name.equals(Topics.QUOTA_REQUEST) && from < to) {
                addReports(recorded, name, from, to);
            }
        }
    }

    private void addReports(RecordedTick.Builder recorded, String name, long from, long to) {
        PartitionCursor cursor = cursor(partition(name));
        List<ConsumerRecord<String, byte[]>> records = cursor.range(from, to);
        boolean whole = !records.isEmpty() && records.getFirst().offset() == from;
        if (!whole && cursor.begin() > from) {
            recorded.setMissing("its telemetry is gone from topic " + name + " (offsets " + from + " to " + to + ")");
        }
        List<SkippedRecords> skipped = recorded.getTick().getSkippedList();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() != null && !isSkipped(skipped, name, record.offset())) {
                recorded.addReports(UnsafeByteOperations.unsafeWrap(record.value()));
            }
        }
    }

    private static boolean isSkipped(List<SkippedRecords> skipped, String name, long offset) {
        return skipped.stream()
                .anyMatch(gap -> gap.getPartition().equals(name) && offset >= gap.getFrom() && offset < gap.getTo());
    }

    private static TopicPartition partition(String name) {
        int slash = name.indexOf('/');
        return slash < 0
                ? new TopicPartition(name, 0)
                : new TopicPartition(name.substring(0, slash), Integer.parseInt(name.substring(slash + 1)));
    }

    private PartitionCursor cursor(TopicPartition partition) {
        return cursors.computeIfAbsent(partition, one -> new PartitionCursor(kafka, one));
    }

    private static <T> T parsed(ConsumerRecord<String, byte[]> record, Parse<T> parse) {
        byte[] value = record.value();
        try {
            return parse.from(value == null ? new byte[0] : value);
        } catch (InvalidProtocolBufferException e) {
            throw new FatalFailure(
                    "topic " + record.topic() + ", offset " + record.offset() + ": not what the topic is for: "
                            + e.getMessage(),
                    "find out who else writes into this topic",
                    e);
        }
    }

    /** Reads a message. */
    private interface Parse<T> {
        T from(byte[] bytes) throws InvalidProtocolBufferException;
    }

    @Override
    public void close() {
        cursors.values().forEach(PartitionCursor::close);
    }
}
