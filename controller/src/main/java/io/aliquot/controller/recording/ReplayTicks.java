package io.aliquot.controller.recording;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aliquot.controller.decide.CallKind;
import io.aliquot.controller.ingest.FromProto;
import io.aliquot.controller.ingest.History;
import io.aliquot.controller.replay.ReplayTick;
import io.aliquot.controller.state.ClusterEvent;
import io.aliquot.controller.state.ClusterState;
import io.aliquot.controller.state.Fence;
import io.aliquot.controller.state.NodeReport;
import io.aliquot.controller.state.Quota;
import io.aliquot.schema.v1.Decision;
import io.aliquot.schema.v1.QuotaStep;
import io.aliquot.schema.v1.RecordedTick;
import io.aliquot.schema.v1.TenantQuota;
import io.aliquot.schema.v1.Tick;
import io.aliquot.schema.v1.TickKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Recorded messages to what is replayed. What the controller could not read, it skipped, and so it is here. Pure. */
public final class ReplayTicks {
    private ReplayTicks() {}

    /** @throws IllegalArgumentException when a change, a decision or the kind of the tick makes no sense: another version wrote it */
    public static ReplayTick of(RecordedTick recorded) {
        Tick tick = recorded.getTick();
        return new ReplayTick(
                tick.getNumber(),
                kind(tick.getKind()),
                tick.getNowMs(),
                tick.getDecidedAtUnixMs(),
                new Fence(tick.getLeaseTopicId(), tick.getTerm(), tick.getFirstSequence(), tick.getLeaseClaimedAtMs()),
                tick.getDecisions(),
                tick.getTimeToLiveMs(),
                tick.getInputOffsetsMap(),
                recorded.hasQuotas() ? Optional.of(quotas(recorded)) : Optional.empty(),
                recorded.getChangesList().stream().map(ReplayTicks::change).toList(),
                reports(recorded.getReportsList()),
                decisions(recorded.getDecisionsList()),
                recorded.getMissing());
    }

    private static CallKind kind(TickKind kind) {
        return switch (kind) {
            case TICK_KIND_TICK -> CallKind.TICK;
            case TICK_KIND_START -> CallKind.START;
            case TICK_KIND_QUOTAS -> CallKind.QUOTAS;
            case UNRECOGNIZED -> throw new IllegalArgumentException("a tick of a kind that this version does not know");
        };
    }

    private static ClusterState quotas(RecordedTick recorded) {
        SortedMap<String, Quota> quotas = new TreeMap<>();
        for (TenantQuota message : recorded.getQuotas().getQuotasList()) {
            readable(() -> FromProto.quota(message.toByteArray()))
                    .ifPresent(quota -> quotas.put(quota.tenant(), quota));
        }
        return History.state(quotas);
    }

    private static ClusterEvent change(QuotaStep step) {
        return switch (step.getStepCase()) {
            case CHANGED ->
                new ClusterEvent.QuotaChanged(FromProto.quota(step.getChanged().toByteArray()));
            case REMOVED -> new ClusterEvent.QuotaRemoved(step.getRemoved());
            case STEP_NOT_SET -> throw new IllegalArgumentException("a change that this version does not know");
        };
    }

    private static List<NodeReport> reports(List<ByteString> messages) {
        List<NodeReport> reports = new ArrayList<>();
        for (ByteString message : messages) {
            readable(() -> FromProto.telemetry(message.toByteArray())).ifPresent(reports::add);
        }
        return reports;
    }

    private static <T> Optional<T> readable(Supplier<T> message) {
        try {
            return Optional.of(message.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the controller counted it, and went on
        }
    }

    private static Map<Long, byte[]> decisions(List<ByteString> messages) {
        Map<Long, byte[]> decisions = new HashMap<>();
        for (ByteString message : messages) {
            try {
                decisions.put(Decision.parseFrom(message).getFence().getSequence(), message.toByteArray());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("a decision that can't be read: " + e.getMessage(), e);
            }
        }
        return decisions;
    }
}
