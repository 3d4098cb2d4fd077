package io.aliquot.schema.kafka;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/** Who talks to Kafka, and the least that each must be allowed. */
public enum Role {
    /** A controller: active, or ready to be. */
    CONTROLLER {
        @Override
        public List<Grant> grants() {
            List<Grant> grants = new ArrayList<>();
            for (TopicSpec topic : Topics.all()) {
                grants.add(topic(topic.name(), CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS));
            }
            Stream.of(
                            Topics.TELEMETRY,
                            Topics.INVENTORY,
                            Topics.ACK,
                            Topics.QUOTA_REQUEST,
                            Topics.TENANT_QUOTA,
                            Topics.QUOTA_AUDIT,
                            Topics.LEASE,
                            Topics.LEDGER)
                    .forEach(name -> grants.add(topic(name, READ)));
            Stream.of(
                            Topics.QUOTA_REQUEST,
                            Topics.TENANT_QUOTA,
                            Topics.QUOTA_AUDIT,
                            Topics.DECISION,
                            Topics.TICK,
                            Topics.LEASE,
                            Topics.LEDGER,
                            Topics.POISON)
                    .forEach(name -> grants.add(topic(name, WRITE)));
            Stream.of("aliquot-controller", "aliquot-usage-ledger")
                    .forEach(id -> grants.add(new Grant(ResourceType.TRANSACTIONAL_ID, id, List.of(DESCRIBE, WRITE))));
            return grants;
        }
    },
    /** The agent of one node. */
    AGENT {
        @Override
        public List<Grant> grants() {
            return List.of(
                    topic(Topics.TELEMETRY, WRITE),
                    topic(Topics.INVENTORY, WRITE),
                    topic(Topics.ACK, WRITE),
                    topic(Topics.DECISION, READ),
                    topic(Topics.POISON, WRITE));
        }
    },
    /** A program that asks for quotas and looks for the answers. */
    REQUESTER {
        @Override
        public List<Grant> grants() {
            return List.of(topic(Topics.QUOTA_REQUEST, WRITE), topic(Topics.QUOTA_AUDIT, READ));
        }
    },
    /** Who looks at everything and changes nothing: {@code aliquot replay}, a dashboard. */
    READER {
        @Override
        public List<Grant> grants() {
            return Topics.all().stream().map(topic -> topic(topic.name(), READ)).toList();
        }
    };

    /**
     * What is allowed on one resource. Reading and writing include describing.
     *
     * @param name the resource's, literally
     */
    public record Grant(ResourceType type, String name, List<AclOperation> operations) {
        public Grant {
            operations = List.copyOf(operations);
        }
    }

    /** All that the role needs, and nothing else. */
    public abstract List<Grant> grants();

    private static Grant topic(String name, AclOperation... operations) {
        return new Grant(ResourceType.TOPIC, name, List.of(operations));
    }
}
