package io.aliquot.controller.recording;

import io.aliquot.schema.v1.QuotaAudit;
import io.aliquot.schema.v1.QuotaStep;
import io.aliquot.schema.v1.TenantQuota;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The quotas at any moment: those of today, with what the audits say was changed since then taken back. So a moment needs no
 * audits but the later ones. Immutable once made.
 */
final class QuotaTimeline {
    private final SortedMap<String, TenantQuota> today;
    private final List<QuotaAudit> accepted;
    private final Map<String, NavigableMap<Long, Integer>> indexByOffset = new HashMap<>();

    /**
     * @param today in force when it was read, which was before the audits were
     * @param audits in their order
     */
    QuotaTimeline(SortedMap<String, TenantQuota> today, List<QuotaAudit> audits) {
        this.today = new TreeMap<>(today);
        this.accepted = audits.stream().filter(QuotaAudit::getAccepted).toList();
        for (int i = 0; i < accepted.size(); i++) {
            QuotaAudit audit = accepted.get(i);
            indexByOffset
                    .computeIfAbsent(audit.getRequestTopicId(), id -> new TreeMap<>())
                    .put(audit.getRequestOffset(), i);
        }
    }

    /** In force when every request before an offset was answered, and none after it; by path. */
    SortedMap<String, TenantQuota> before(String requestTopicId, long offset, long unixMs) {
        SortedMap<String, TenantQuota> quotas = new TreeMap<>(today);
        int end = end(requestTopicId, offset, unixMs);
        for (int i = accepted.size() - 1; i >= end; i--) {
            QuotaAudit audit = accepted.get(i);
            if (audit.hasBefore()) {
                quotas.put(audit.getRequest().getTenant(), audit.getBefore());
            } else {
                quotas.remove(audit.getRequest().getTenant());
            }
        }
        return quotas;
    }

    /** The first audit that was after it. A request topic that was created again has another id, and its offsets start anew. */
    private int end(String requestTopicId, long offset, long unixMs) {
        NavigableMap<Long, Integer> known = of(requestTopicId);
        Map.Entry<Long, Integer> earlier = known.lowerEntry(offset);
        if (earlier != null) {
            return earlier.getValue() + 1;
        }
        Map.Entry<Long, Integer> first = known.firstEntry();
        if (first != null) {
            return first.getValue();
        }
        int end = 0;
        while (end < accepted.size() && accepted.get(end).getDecidedAtUnixMs() <= unixMs) {
            end++;
        }
        return end;
    }

    /** The accepted requests from an offset up to another one, in their order. */
    List<QuotaStep> between(String requestTopicId, long from, long to) {
        List<QuotaStep> steps = new ArrayList<>();
        if (from < to) {
            of(requestTopicId)
                    .subMap(from, true, to, false)
                    .values()
                    .forEach(index -> steps.add(step(accepted.get(index))));
        }
        return steps;
    }

    private NavigableMap<Long, Integer> of(String requestTopicId) {
        return indexByOffset.getOrDefault(requestTopicId, Collections.emptyNavigableMap());
    }

    private static QuotaStep step(QuotaAudit audit) {
        QuotaStep.Builder step = QuotaStep.newBuilder();
        return audit.hasAfter()
                ? step.setChanged(audit.getAfter()).build()
                : step.setRemoved(audit.getRequest().getTenant()).build();
    }
}
