package io.aliquot.controller.ingest;

import io.aliquot.controller.state.NodeAck;
import io.aliquot.controller.state.NodeInventory;
import io.aliquot.controller.state.Quota;
import io.aliquot.controller.state.QuotaRequest;
import io.aliquot.schema.Topics;
import java.util.SortedMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The pure parts of what a controller reads, for the simulation and the fuzzer. */
public final class IngestDoor {
    private IngestDoor() {}

    /** @throws IllegalArgumentException for what is no request */
    public static QuotaRequest request(byte[] bytes) {
        return FromProto.request(bytes);
    }

    /** Takes a record of the quota topic, as a controller that takes over does. */
    public static void replay(String key, byte @Nullable [] value, SortedMap<String, Quota> quotas) {
        History.replay(new ConsumerRecord<>(Topics.TENANT_QUOTA, 0, 0, key, value), quotas);
    }

    /** The first request that an audit leaves unanswered. */
    public static long after(byte[] lastAudit, String requestTopicId) {
        return History.after(FromProto.audit(lastAudit), requestTopicId);
    }

    /** @throws IllegalArgumentException for what is no acknowledgement */
    public static NodeAck ack(byte[] bytes) {
        return FromProto.ack(bytes);
    }

    /** @throws IllegalArgumentException for what is no inventory */
    public static NodeInventory inventory(byte[] bytes) {
        return FromProto.inventory(bytes);
    }
}
